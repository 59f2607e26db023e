"""One LightningModule per task."""

from attnlab.tasks.image_classification import ImageClassificationTask
from attnlab.tasks.ner import NERTask
from attnlab.tasks.object_detection import ObjectDetectionTask
from attnlab.tasks.summarization import SummarizationTask
from attnlab.tasks.translation import TranslationTask

__all__ = [
    "ImageClassificationTask",
    "NERTask",
    "ObjectDetectionTask",
    "SummarizationTask",
    "TranslationTask",
]

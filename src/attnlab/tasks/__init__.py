"""One LightningModule per task."""

from attnlab.tasks.adversarial_losses import AdversarialLoss, HingeLoss, NonSaturatingLoss
from attnlab.tasks.image_classification import ImageClassificationTask
from attnlab.tasks.image_generation import ImageGenerationTask
from attnlab.tasks.ner import NERTask
from attnlab.tasks.object_detection import ObjectDetectionTask
from attnlab.tasks.summarization import SummarizationTask
from attnlab.tasks.translation import TranslationTask

__all__ = [
    "AdversarialLoss",
    "HingeLoss",
    "ImageClassificationTask",
    "ImageGenerationTask",
    "NERTask",
    "NonSaturatingLoss",
    "ObjectDetectionTask",
    "SummarizationTask",
    "TranslationTask",
]

"""What is trained and scored, a Lightning module each; their names cost nothing of Lightning until one is asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attnlab.models.adversarial.predictor import GeneratingPredictor
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.detectors.predictor import DetectingPredictor
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.language_models.predictor import LanguagePredictor
from attnlab.models.taggers.predictor import TaggingPredictor
from attnlab.tasks.adversarial.losses import AdversarialLoss, HingeLoss, NonSaturatingLoss

if TYPE_CHECKING:
    from attnlab.tasks.image_classification import ImageClassificationTask
    from attnlab.tasks.image_generation import ImageGenerationTask
    from attnlab.tasks.language_modelling import LanguageModellingTask
    from attnlab.tasks.ner import NERTask
    from attnlab.tasks.object_detection import ObjectDetectionTask
    from attnlab.tasks.summarization import SummarizationTask
    from attnlab.tasks.translation import TranslationTask

_MODULES = {
    "ImageClassificationTask": "attnlab.tasks.image_classification",
    "ImageGenerationTask": "attnlab.tasks.image_generation",
    "LanguageModellingTask": "attnlab.tasks.language_modelling",
    "NERTask": "attnlab.tasks.ner",
    "ObjectDetectionTask": "attnlab.tasks.object_detection",
    "SummarizationTask": "attnlab.tasks.summarization",
    "TranslationTask": "attnlab.tasks.translation",
}

PREDICTORS: dict[str, type[Any]] = {
    "ImageClassificationTask": ClassifyingPredictor,
    "ImageGenerationTask": GeneratingPredictor,
    "LanguageModellingTask": LanguagePredictor,
    "NERTask": TaggingPredictor,
    "ObjectDetectionTask": DetectingPredictor,
    "SummarizationTask": WritingPredictor,
    "TranslationTask": WritingPredictor,
}
"""What each task says itself (`predictor_type`), for those that don't want to import it."""

__all__ = [
    "PREDICTORS",
    "AdversarialLoss",
    "HingeLoss",
    "ImageClassificationTask",
    "ImageGenerationTask",
    "LanguageModellingTask",
    "NERTask",
    "NonSaturatingLoss",
    "ObjectDetectionTask",
    "SummarizationTask",
    "TranslationTask",
]


def __getattr__(name: str) -> Any:
    """A task, imported when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(_MODULES[name]).__dict__[name]

"""One LightningModule per task."""

from attnlab.tasks.translation import TranslationTask

__all__ = ["TranslationTask"]

"""Pictures of attention: drawn without pyplot, so from any thread, with nothing left behind."""

from attnlab.figures.attention_map import attention_map
from attnlab.figures.canvas import save
from attnlab.figures.learning_curve import learning_curve

__all__ = ["attention_map", "learning_curve", "save"]

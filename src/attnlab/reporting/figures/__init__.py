"""Pictures of attention: drawn without pyplot, so from any thread, with nothing left behind."""

from attnlab.reporting.figures.attention_map import attention_map
from attnlab.reporting.figures.boxed_image import boxed_image
from attnlab.reporting.figures.canvas import save
from attnlab.reporting.figures.channel_weights import channel_weights
from attnlab.reporting.figures.confusion import confusion_matrix
from attnlab.reporting.figures.image_map import image_map
from attnlab.reporting.figures.labelled_image import labelled_image
from attnlab.reporting.figures.learning_curve import learning_curve
from attnlab.reporting.figures.neighbours import neighbour_rows
from attnlab.reporting.figures.pixels import picture_grid, save_film, save_pixels
from attnlab.reporting.figures.query_maps import query_maps
from attnlab.reporting.figures.run_curves import run_curves

__all__ = [
    "attention_map",
    "boxed_image",
    "channel_weights",
    "confusion_matrix",
    "image_map",
    "labelled_image",
    "learning_curve",
    "neighbour_rows",
    "picture_grid",
    "query_maps",
    "run_curves",
    "save",
    "save_film",
    "save_pixels",
]

"""The figure of whatever is handed out as a picture."""

from matplotlib.figure import Figure

from attnlab.reporting.figures.attention_map import attention_map
from attnlab.reporting.figures.boxed_image import boxed_image
from attnlab.reporting.figures.channel_weights import channel_weights
from attnlab.reporting.figures.image_map import image_map
from attnlab.reporting.figures.labelled_image import labelled_image
from attnlab.reporting.figures.query_maps import query_maps
from attnlab.reporting.pictures import (
    AttentionPicture,
    BoxesPicture,
    ChannelPicture,
    ImagePicture,
    LabelledPicture,
    Picture,
    QueryPicture,
)


def draw(picture: Picture) -> Figure:
    """Draw it; ValueError where its parts don't fit together."""
    match picture:
        case AttentionPicture():
            return attention_map(
                picture.weights,
                source_tokens=picture.key_labels,
                target_tokens=picture.query_labels,
                title=picture.title,
                copy_probabilities=picture.copy_probabilities,
            )
        case ImagePicture():
            return image_map(picture.image, picture.maps, title=picture.title, strided=picture.strided)
        case ChannelPicture():
            return channel_weights(picture.weights, title=picture.title)
        case QueryPicture():
            return query_maps(picture.images, picture.maps, picture.places, title=picture.title)
        case BoxesPicture():
            return boxed_image(
                picture.image, picture.found, classes=picture.classes, target=picture.target, title=picture.title
            )
        case LabelledPicture():
            return labelled_image(picture.image, picture.top, title=picture.title)

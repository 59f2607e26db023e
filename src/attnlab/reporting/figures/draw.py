"""The figure of whatever is handed out as a picture."""

from matplotlib.figure import Figure

from attnlab.reporting.figures.attention_map import attention_map
from attnlab.reporting.figures.boxed_image import boxed_image
from attnlab.reporting.figures.canvas import DOTS_IN_PRINT
from attnlab.reporting.figures.channel_weights import channel_weights
from attnlab.reporting.figures.confusion import confusion_matrix
from attnlab.reporting.figures.image_map import image_map
from attnlab.reporting.figures.labelled_image import labelled_image
from attnlab.reporting.figures.query_maps import query_maps
from attnlab.reporting.figures.run_curves import run_curves
from attnlab.reporting.look import Look, arranged
from attnlab.reporting.picture_names import axis_name
from attnlab.reporting.pictures import (
    AttentionPicture,
    BoxesPicture,
    ChannelPicture,
    Confusion,
    Curves,
    ImagePicture,
    LabelledPicture,
    Picture,
    QueryPicture,
)

ALL = Look()


def draw(picture: Picture | Confusion | Curves, look: Look = ALL) -> Figure:
    """Draw it as it is wanted, with as many dots an inch as print takes where a width is; ValueError where its parts
    don't fit together."""
    figure = _drawn(picture, look)
    if look.width is not None:
        figure.set_dpi(DOTS_IN_PRINT)
    return figure


def _drawn(picture: Picture | Confusion | Curves, look: Look) -> Figure:
    title, notes = (picture.title if look.title is None else look.title), [look.caption]
    match picture:
        case AttentionPicture():
            return _attention(arranged(picture, look), look, title)
        case ImagePicture():
            return image_map(
                picture.image,
                picture.maps,
                title=title,
                strided=picture.strided,
                notes=notes,
                scale=look.scale,
                cmap=look.cmap,
                width=look.width,
            )
        case ChannelPicture():
            return channel_weights(picture.weights, title=title, notes=notes, scale=look.scale, width=look.width)
        case QueryPicture():
            return query_maps(
                picture.images,
                picture.maps,
                picture.places,
                title=title,
                names=picture.names,
                notes=notes,
                scale=look.scale,
                cmap=look.cmap,
                width=look.width,
            )
        case BoxesPicture():
            return boxed_image(
                picture.image,
                picture.found,
                classes=picture.classes,
                target=picture.target,
                title=title,
                notes=notes,
                page=look.width,
            )
        case LabelledPicture():
            return labelled_image(picture.image, picture.top, title=title, notes=notes, width=look.width)
        case Confusion():
            return confusion_matrix(
                picture.counts, labels=picture.labels, title=title, notes=notes, cmap=look.cmap, width=look.width
            )
        case Curves():
            return run_curves(picture.scores, title=title, notes=notes, width=look.width)


def _attention(picture: AttentionPicture, look: Look, title: str) -> Figure:
    return attention_map(
        picture.weights,
        source_tokens=picture.key_labels,
        target_tokens=picture.query_labels,
        title=title,
        axes_named=(axis_name(picture.query_name), axis_name(picture.key_name)),
        copy_probabilities=picture.copy_probabilities,
        notes=[*picture.notes, look.caption],
        scale=look.scale,
        width=look.width,
        cmap=look.cmap,
    )

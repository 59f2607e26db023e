"""Maps of several models of the same inputs, in which what is chosen in one is chosen in all."""

from attnlab.reporting.pages.linked_maps.contents import (
    Example,
    RunMaps,
    View,
    boxes_view,
    channels_view,
    places_view,
    queries_view,
    words_view,
)
from attnlab.reporting.pages.linked_maps.pixels import image_of
from attnlab.reporting.pages.linked_maps.side_by_side import heading, linked

__all__ = [
    "Example",
    "RunMaps",
    "View",
    "boxes_view",
    "channels_view",
    "heading",
    "image_of",
    "linked",
    "places_view",
    "queries_view",
    "words_view",
]

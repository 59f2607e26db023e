"""The maps of examples, task by task, as pages show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from attnlab.models.adversarial.predictor import GeneratingPredictor
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.classifiers.predictor import ClassifyingPredictor
from attnlab.models.detectors.predictor import DetectingPredictor
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.language_models.predictor import MOST_DRAWN, LanguagePredictor
from attnlab.models.predictors import Prediction
from attnlab.models.taggers.predictor import TaggingPredictor
from attnlab.reporting.pages.linked_maps import (
    Example,
    View,
    boxes_view,
    channels_view,
    image_of,
    places_view,
    queries_view,
    words_view,
)
from attnlab.reporting.pages.linked_maps.contents import Box, Image, looked_at
from attnlab.reporting.pages.linked_maps.offsets import as_read, units
from attnlab.reporting.pictures import AttentionPicture, ChannelPicture, ImagePicture, QueryPicture
from attnlab.reporting.place_names import place_name

SEED = 0  # of latents


def written(predictor: WritingPredictor, predictions: Sequence[Prediction]) -> list[Example]:
    """Where each word of the reference looks, whose words all arms have in common, and each of what was written."""
    examples: list[Example] = []
    for each in predictions:
        source, reference, output = (as_read(each[key]) for key in ("input", "target", "output"))
        views = []
        for name, text, target in (
            ("reference", reference, each["target"]),
            ("output", output, each["details"]["ids"]),
        ):
            if pictures := predictor.layer_pictures(each["input"], target):
                views.append(_words(pictures, name=name, rows=(name, text), columns=("source", source)))
        texts = {"source": source, "reference": reference, "output": output}
        examples.append(_example(each["id"], views, texts=texts))
    return examples


def continued(predictor: LanguagePredictor, predictions: Sequence[Prediction]) -> list[Example]:
    """Where each token of a beginning looks, which all arms have in common, and of what was written after it."""
    examples: list[Example] = []
    for each in predictions:
        details, views = each["details"], []
        ids = details["ids"][: details["num_given"]]
        for name, shown in (("beginning", ids[-MOST_DRAWN:]), ("output", details["ids"][-MOST_DRAWN:])):
            text = as_read(predictor.codec.continuation(shown, 0))
            if pictures := predictor.layer_pictures(shown):
                views.append(_words(pictures, name=name, rows=(name, text), columns=(name, text)))
        texts = {"beginning": as_read(predictor.codec.continuation(ids[-MOST_DRAWN:], 0))}
        texts["output"] = as_read(predictor.codec.continuation(details["ids"][-MOST_DRAWN:], 0))
        examples.append(_example(each["id"], views, texts=texts, answers=(each["output"], each["target"] or "")))
    return examples


def tags(predictor: TaggingPredictor, predictions: Sequence[Prediction]) -> list[Example]:
    """Where each word of a sentence looks in it."""
    examples: list[Example] = []
    for each in predictions:
        text, views = as_read(each["input"]), []
        if pictures := predictor.layer_pictures(each):
            views.append(_words(pictures, name="sentence", rows=("source", text), columns=("source", text)))
        answers = [_spans(each["input"], each[key]) for key in ("output", "target")]
        examples.append(_example(each["id"], views, texts={"source": text}, answers=answers))
    return examples


def _spans(text: str, spans: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{text[span['start'] : span['end']]} {span['label']}" for span in spans) or "-"


def _words(pictures: Sequence[AttentionPicture], *, name: str, rows: tuple[str, str], columns: tuple[str, str]) -> View:
    first = pictures[0]
    view = words_view(
        {each.name.lstrip("_"): each.weights for each in pictures},
        name=name,
        rows={"text": rows[0], "units": units(first.query_labels, rows[1])},
        columns={"text": columns[0], "units": units(first.key_labels, columns[1])},
    )
    if (copying := pictures[-1].copy_probabilities) is not None:
        view["copying"] = [round(share, 4) for share in copying]
    return view


def images(predictor: ClassifyingPredictor, predictions: Sequence[Prediction], data: Any) -> list[Example]:
    """What is attended to in images, over their places and over channels."""
    examples: list[Example] = []
    for each in predictions:
        image: Tensor = data.image("test", each["id"])
        views = _over_image(predictor.maps(image), image)
        answers = [f"{each['output']} {each['score']:.0%}", str(each["target"])]
        examples.append(_example(each["id"], views, image=image_of(image), answers=answers))
    return examples


def _over_image(maps: ImageMaps, image: Tensor) -> list[View]:
    views = []
    size = (image.size(1), image.size(2))
    if maps.over_image:
        weights = {layer: each[0] for layer, each in maps.over_image.items()}
        views.append(places_view(weights, name="places", size=size, strided=maps.strided))
    if maps.between_places:
        between = {layer: each[0] for layer, each in maps.between_places.items()}
        views.append(queries_view(between, name="queries", size=size, strided=maps.strided))
    if maps.over_channels:
        views.append(channels_view({layer: each[0] for layer, each in maps.over_channels.items()}, name="channels"))
    return _sided(views, of_both=bool(maps.over_image.keys() & maps.over_channels.keys()))


def _sided(views: list[View], *, of_both: bool) -> list[View]:
    """Marked where they are of weights of one mechanism, seen from two sides."""
    if of_both:
        for each in views:
            each["of_both"] = True
    return views


def detections(predictor: DetectingPredictor, predictions: Sequence[Prediction], data: Any) -> list[Example]:
    """The objects found and those there, what was looked at for each, and what the net attended to."""
    examples: list[Example] = []
    for each in predictions:
        fitted = data.picture("test", each["id"])
        seen = predictor.seen(fitted)
        size = (seen.canvas.size(1), seen.canvas.size(2))
        found: list[Box] = []
        for one in seen.objects:
            found.append({"label": one.label, "score": round(one.score, 4), "box": _shares(one.box, size)})
            if one.looked is not None and (layer := looked_at(one.looked, size)) is not None:
                found[-1]["looked"] = layer
        scale = fitted.scale().tolist()
        there: list[Box] = [_true(one, scale, size) for one in each["target"]]
        boxes = boxes_view(found, there, name="boxes", classes=predictor.codec.classes)
        views = [boxes, *_over_image(seen.maps, seen.canvas)]
        examples.append(_example(each["id"], views, image=image_of(seen.canvas)))
    return examples


def _true(there: Mapping[str, Any], scale: Sequence[float], size: tuple[int, int]) -> Box:
    corners = [corner * by for corner, by in zip(there["box"], scale, strict=True)]
    return {"label": there["label"], "score": None, "box": _shares(corners, size)}


def _shares(box: Sequence[float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Of corners in pixels."""
    left, top, right, bottom = (round(corner / size[1 - number % 2], 4) for number, corner in enumerate(box))
    return left, top, right, bottom


def generated(predictor: GeneratingPredictor, num: int) -> list[Example]:
    """What both networks attend to in the images of the first latents, each arm's own."""
    found: dict[int, dict[str, dict[str, Tensor]]] = {number: {"places": {}, "channels": {}} for number in range(num)}
    pictures: dict[int, Tensor] = {}
    for each in predictor.sample_pictures(num, seed=SEED):
        match each:
            case QueryPicture():
                network, _, path = each.name.partition("_")
                for number, maps in enumerate(each.maps):
                    pictures[number] = each.images[number]
                    for (row, column), weights in zip(each.places, maps, strict=True):
                        name = f"{_layer(network, path)}, from ({row + 1}, {column + 1})"
                        found[number]["places"][name] = weights[None]
            case ImagePicture():
                number, network = _whose(each.name)
                pictures[number] = each.image
                found[number]["places"] |= {_layer(network, name): maps[None] for name, maps in each.maps.items()}
            case ChannelPicture():
                number, network = _whose(each.name)
                found[number]["channels"] |= {_layer(network, name): maps for name, maps in each.weights.items()}
    return [_generated(number, found[number], pictures.get(number)) for number in found]


def _whose(name: str) -> tuple[int, str]:
    """Of a picture's name, such as `0_generator_over_image`, the image's number and the network."""
    number, network, _ = name.split("_", 2)
    return int(number), network


def _layer(network: str, path: str) -> str:
    return f"{network}, {place_name(path)}"


def _generated(number: int, maps: Mapping[str, Mapping[str, Tensor]], image: Tensor | None) -> Example:
    views: list[View] = []
    if image is not None and maps["places"]:
        size = (image.size(1), image.size(2))
        views.append(places_view(maps["places"], name="places", size=size, strided=False))
    if maps["channels"]:
        views.append(channels_view(maps["channels"], name="channels"))
    if image is not None:
        for each in views:
            each["image"] = image_of(image)
    return _example(number, _sided(views, of_both=bool(maps["places"].keys() & maps["channels"].keys())))


def _example(
    number: int,
    views: list[View],
    *,
    texts: Mapping[str, str] | None = None,
    image: Image | None = None,
    answers: Sequence[str] = ("", ""),
) -> Example:
    title, truth = answers
    return {"id": number, "title": title, "truth": truth, "texts": dict(texts or {}), "image": image, "views": views}

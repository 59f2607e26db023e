"""What holds of every detector, and of each kind alone."""

from functools import partial
from inspect import signature
from typing import Any

import pytest
import torch
from detector_examples import HEIGHT, VARIANTS, WIDTH, batch, build
from model_examples import FACTORIES
from torch import Tensor
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from attnlab.feature_attention import EcaFeatureAttention, NonLocalFeatureAttention, SimamFeatureAttention
from attnlab.models import Objects
from attnlab.models.detectors.boxes import centres_to_corners
from attnlab.models.detectors.predictor import DetectingPredictor
from attnlab.models.layers.slots import SCALED_DOT

RESNET = "torchvision_resnet_detector"
KINDS = ["detr", "attention_object_detection", "torchvision_detector", RESNET]
WITH_QUERIES = KINDS[:2]


@pytest.mark.parametrize("kind", KINDS)
def test_detections_are_sorted_few_and_within_their_image(kind: str) -> None:
    model = build(kind)
    images, extents, _ = batch()
    with torch.no_grad():
        found = model.detections(model(images, extents), extents)
    assert len(found) == 3
    for each, (height, width) in zip(found, extents.tolist(), strict=True):
        assert len(each.scores) == len(each.boxes) == len(each.labels) == len(each.sources) <= 100
        assert (each.scores.diff() <= 0).all()
        assert ((each.scores >= 0) & (each.scores <= 1)).all()
        assert each.labels.dtype == torch.int64
        assert set(each.labels.tolist()) <= set(range(5))
        low, high = each.boxes[:, :2], each.boxes[:, 2:]
        assert (low >= 0).all()
        assert (low <= high).all()
        assert (high <= torch.tensor([width, height])).all()


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_read_alone(kind: str) -> None:
    model = build(kind)
    images, extents, _ = batch()
    with torch.no_grad():
        whole = model.detections(model(images, extents), extents)
        alone = model.detections(model(images[1:2], extents[1:2]), extents[1:2])[0]
    assert torch.allclose(whole[1].boxes, alone.boxes, atol=1e-3)
    assert torch.allclose(whole[1].scores, alone.scores, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_the_loss_is_trained_whatever_the_images_show(kind: str) -> None:
    """Also by a batch without objects, in which distributed training waits for the same gradients."""
    images, extents, objects = batch()
    names = []
    for shown in (objects, Objects(torch.zeros(3, 1, 4), torch.full((3, 1), -1))):
        model = build(kind).train()
        losses = model.losses(model(images, extents, shown), extents, shown)
        names.append(list(losses))
        assert all(loss.isfinite() for loss in losses.values())
        torch.stack(list(losses.values())).sum().backward()
        missing = [name for name, parameter in model.named_parameters() if parameter.grad is None]
        assert not missing
        assert all(parameter.grad.isfinite().all() for parameter in model.parameters())
    assert names[0] == names[1]


@pytest.mark.parametrize("kind", KINDS)
def test_losses_in_evaluation_are_a_function_of_the_batch(kind: str) -> None:
    model = build(kind)
    images, extents, objects = batch()
    with torch.no_grad():
        first, second = (model.losses(model(images, extents), extents, objects) for _ in range(2))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not any(name.startswith("denoising") for name in first)


@pytest.mark.parametrize("kind", WITH_QUERIES)
def test_query_maps_are_of_the_whole_canvas_and_spare_what_is_beside_the_image(kind: str) -> None:
    model = build(kind)
    images, extents, _ = batch()
    maps = model.query_maps(images, extents)
    assert maps.shape == (3, 7 if kind == "detr" else 1, HEIGHT // 8, WIDTH // 8)
    assert torch.allclose(maps.sum((2, 3)), torch.ones(maps.shape[:2]), atol=1e-5)
    assert (maps[1, :, :, 5:] == 0).all()  # 37 pixels wide: places over pixels 0, 8, ... 32
    assert (maps[1, :, :, 4] > 0).any()
    assert (maps[2, :, 3:] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_mechanisms_on_feature_maps_stand_in_every_block_and_can_be_seen(kind: str) -> None:
    images, _, _ = batch()
    eca = build(kind, feature_attention=EcaFeatureAttention)
    assert eca.slots["blocks"] == "eca"
    channels = eca.image_maps(images).over_channels
    widths = [16, 24] if kind != RESNET else [64, 64, 128, 128, 256, 256, 512, 512]
    assert [each.shape for each in channels.values()] == [(3, width) for width in widths]
    simam = build(kind, feature_attention=SimamFeatureAttention)
    assert simam.image_maps(images).strided
    over_image = simam.image_maps(images).over_image
    strides = [4, 8] if kind != RESNET else [4, 4, 8, 8, 16, 16, 32, 32]
    assert [each.shape[-2:] for each in over_image.values()] == [(-(-HEIGHT // n), -(-WIDTH // n)) for n in strides]
    within = build(kind, feature_attention=partial(NonLocalFeatureAttention, attention=SCALED_DOT))
    assert within.slots["blocks"] == "non_local"
    assert within.slots["within_blocks"] == "scaled_dot"
    seen = within.image_maps(images)
    for path, weights in seen.between_places.items():
        assert weights.shape[2:4] == weights.shape[4:] == seen.over_image[path].shape[-2:], "nothing beside the image"


@pytest.mark.parametrize(
    "kind, change, message",
    [
        ("detr", {"num_queries": 0}, "num_queries must be 1 or more, got 0 (set model.num_queries)"),
        ("detr", {"num_decoder_layers": 0}, "num_decoder_layers must be 1 or more, got 0"),
        ("detr", {"dim": 18}, "dim must be a multiple of 4, for waves along x and y, got 18 (set model.dim)"),
        ("detr", {"dropout": 1.0}, "dropout must lie in [0, 1), got 1.0 (set model.dropout)"),
        ("detr", {"num_denoising_groups": -1}, "denoising needs 1 group or more, got -1"),
        ("attention_object_detection", {"dim": 7}, "dim must be a multiple of 4, for waves along x and y, got 7"),
        ("attention_object_detection", {"stage_channels": [16]}, "every stage needs a width and its blocks"),
        ("attention_object_detection", {"stage_channels": [16, 20]}, "a stage's width must be a multiple of 8"),
        ("attention_object_detection", {"stage_blocks": [1, 0]}, "a stage has 1 block or more, got [1, 0]"),
        ("torchvision_detector", {"num_levels": 3}, "the pyramid has from 1 to as many levels as the net has stages"),
        ("torchvision_detector", {"pyramid_channels": 48}, "pyramid_channels must be a multiple of 32, got 48"),
        ("torchvision_detector", {"overlap_threshold": 0.0}, "overlap_threshold must lie in (0, 1], got 0.0"),
    ],
)
def test_what_cannot_be_is_refused_with_the_key_to_set(kind: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  # the text is compared below
        build(kind, **change)
    assert message in str(refusal.value)
    assert "(set model." in str(refusal.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["label_weight", "box_weight", "overlap_weight"])
def test_a_negative_weight_is_refused(kind: str, key: str) -> None:
    if key not in signature(VARIANTS[kind][0]).parameters:
        return
    with pytest.raises(ValueError, match=rf"{key} must be 0 or more, got -1.0 \(set model.{key}\)"):
        build(kind, **{key: -1.0})
    build(kind, **{key: 0.0})


# DETR


@pytest.mark.parametrize(
    "slot, attention",
    [
        ("encoder", "nystrom"),
        ("encoder", "latent"),
        ("decoder", "linear"),
        ("decoder", "uniform"),
        ("cross", "additive"),
        ("cross", "sigmoid"),
    ],
)
def test_each_slots_own_mechanism_is_trained_with_denoising_beside(slot: str, attention: str) -> None:
    """Two steps: every parameter has a gradient in the first, and moves."""
    model = build("detr", **{f"{slot}_attention": FACTORIES[attention]}, num_denoising_groups=2).train()
    expected = dict.fromkeys(["encoder", "decoder", "cross"], "scaled_dot") | {slot: attention, "blocks": "none"}
    assert model.slots == expected
    images, extents, objects = batch()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    for _ in range(2):
        optimizer.zero_grad()
        losses = model.losses(model(images, extents, objects), extents, objects)
        assert {"label", "denoising_label", "denoising_box", "denoising_overlap"} <= losses.keys()
        assert losses["denoising_box"] > 0
        torch.stack(list(losses.values())).sum().backward()
        assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in model.parameters())
        optimizer.step()
    assert all(parameter.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("attention", ["scaled_dot", "linear", "sigmoid", "nystrom", "latent"])
def test_what_must_find_objects_sees_nothing_of_those_to_be_mended(attention: str) -> None:
    """Whatever the attention: the predictions are the same with denoising beside them and without."""
    model = build("detr", attention).train()
    images, extents, objects = batch()
    with torch.no_grad():
        beside, without = model(images, extents, objects), model(images, extents)
    assert without.denoised is None
    assert beside.denoised is not None
    for one, other in zip(beside.sets, without.sets, strict=True):
        assert torch.equal(one, other)


def test_denoising_queries_see_their_own_image_alone() -> None:
    model = build("detr").train()
    images, extents, objects = batch()
    changed = images.clone()
    changed[1] += 1
    results = []
    for each in (images, changed):
        torch.manual_seed(11)
        with torch.no_grad():
            results.append(model(each, extents, objects).denoised[0].boxes)
    moved = (results[0] != results[1]).any(-1).any(-1).any(0)
    assert moved.tolist() == [False, False, True, True, False, False]


def test_reordering_queries_reorders_what_they_predict() -> None:
    model = build("detr")
    images, extents, _ = batch()
    order = torch.tensor([3, 6, 0, 5, 2, 1, 4])
    with torch.no_grad():
        before = model(images, extents).sets
        model.content.data, model.anchors.data = model.content[order], model.anchors[order]
        after = model(images, extents).sets
    assert torch.allclose(before.logits[:, :, order], after.logits, atol=1e-5)
    assert torch.allclose(before.boxes[:, :, order], after.boxes, atol=1e-5)


def test_every_layer_moves_the_box_of_the_one_before() -> None:
    model = build("detr")
    images, extents, _ = batch()
    torch.nn.init.zeros_(model.move[-1].weight)
    torch.nn.init.constant_(model.move[-1].bias, 0.3)
    with torch.no_grad():
        boxes = model(images, extents).sets.boxes.logit()
    assert torch.allclose(boxes[0, 0], model.anchors + 0.3, atol=1e-4)
    assert torch.allclose(boxes[1], boxes[0] + 0.3, atol=1e-4)


def test_a_detection_names_the_query_that_found_it() -> None:
    model = build("detr")
    images, extents, _ = batch()
    with torch.no_grad():
        output = model(images, extents)
    corners = centres_to_corners(output.sets.boxes[-1, 0]) * torch.tensor([WIDTH, HEIGHT, WIDTH, HEIGHT])
    scores = output.sets.logits[-1].sigmoid()[0]
    first = model.detections(output, extents)[0]
    assert len(first.scores) == 7 * 5
    for box, score, label, source in zip(*first, strict=True):
        assert torch.allclose(score, scores[source, label], rtol=1e-6)  # one by one a sigmoid may round otherwise
        assert torch.allclose(box, corners[source].clamp(min=0).minimum(torch.tensor([WIDTH, HEIGHT] * 2)), atol=1e-4)


def test_a_mechanism_that_takes_no_bias_goes_without() -> None:
    assert all(layer.near_box is None for layer in build("detr", "linear").decoder)
    assert all(layer.near_box is not None for layer in build("detr").decoder)
    assert all(layer.near_box is None for layer in build("detr", near_box=False).decoder)


def test_without_any_use_for_queries_nothing_places_them() -> None:
    assert build("detr", "uniform").place_query is None
    assert build("detr").place_query is not None


def test_the_chosen_attention_and_a_slots_own_stand_where_they_should() -> None:
    model = build("detr", "additive", cross_attention=FACTORIES["uniform"])
    expected = {"encoder": "additive", "decoder": "additive", "cross": "uniform", "blocks": "none"}
    assert model.slots == expected


# Attention pooling


def _only(model: Any, extents: Tensor, boxes: Tensor, labels: Tensor) -> dict[str, Tensor]:
    images, _, _ = batch()
    with torch.no_grad():
        losses: dict[str, Tensor] = model.losses(model(images, extents), extents, Objects(boxes, labels))
    return losses


def test_the_largest_object_of_each_image_is_learned() -> None:
    model = build("attention_object_detection")
    _, extents, objects = batch()
    largest = Objects(objects.boxes[:, [1, 0]].clone(), objects.labels[:, [1, 0]].clone())
    largest.boxes[1], largest.labels[1] = objects.boxes[1], objects.labels[1]
    alone = Objects(largest.boxes[:, :1], largest.labels[:, :1])
    expected = _only(model, extents, *alone)
    for each in (objects, largest):
        found = _only(model, extents, *each)
        assert all(torch.allclose(found[name], expected[name]) for name in expected)


def test_an_image_without_objects_is_learned_to_have_none() -> None:
    model = build("attention_object_detection").train()
    images, extents, _ = batch()
    nothing = Objects(torch.zeros(3, 1, 4), torch.full((3, 1), -1))
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(20):
        optimizer.zero_grad()
        losses = model.losses(model(images, extents), extents, nothing)
        assert losses["box"] == losses["overlap"] == 0
        losses["label"].backward()
        optimizer.step()
    found = model.detections(model(images, extents), extents)
    assert all(len(each.scores) == 1 and each.scores[0] < 0.1 for each in found)


# torchvision


def test_boxes_have_an_area_and_are_of_places_within_the_image() -> None:
    """However sure the places beside the image are, and though some say that a box has no extent."""
    model = build("torchvision_detector")
    images, extents, _ = batch()
    with torch.no_grad():
        output = model(images, extents)
    anchors = output.anchors[0]
    x, y = ((anchors[:, :2] + anchors[:, 2:]) / 2).T
    beside = torch.stack([(x >= width) | (y >= height) for height, width in extents.tolist()])  # (B, A)
    assert beside[1:].any(1).all()
    logits = torch.full_like(output.heads["cls_logits"], -9.0).masked_fill(beside.unsqueeze(2), 9.0)
    logits[:, :3] = 3.0
    sides = torch.full_like(output.heads["bbox_regression"], 1.0)
    sides[:, 1] = 0.0
    heads = {"cls_logits": logits, "bbox_regression": sides, "bbox_ctrness": torch.full_like(logits[..., :1], 9.0)}
    for each in model.detections(output._replace(heads=heads), extents):
        assert len(each.scores) == 2 * 5  # two places' boxes, of each class
        assert (each.boxes[:, 2:] - each.boxes[:, :2] > 0).all()
        assert each.scores.tolist() == pytest.approx([0.9759] * 10, abs=1e-3)


def test_losses_and_detections_are_torchvisions() -> None:
    """The same net called as torchvision calls it, from images to losses and boxes."""
    model = build("torchvision_detector")
    images, _, objects = batch()
    extents = torch.tensor([[HEIGHT, WIDTH]] * 3)
    with torch.no_grad():
        model.detector.head.classification_head.cls_logits.bias += 3  # so that there is something to compare
        output = model(images, extents)
        ours = model.losses(output, extents, objects)
        found = model.detections(output, extents)
        detector = model.detector
        detector.transform = GeneralizedRCNNTransform(
            HEIGHT, WIDTH, [0.0] * 3, [1.0] * 3, size_divisible=model.multiple, _skip_resize=True
        )
        targets = [
            {"boxes": boxes[:count], "labels": labels[:count]}
            for boxes, labels, count in zip(*objects, objects.counts.tolist(), strict=True)
        ]
        theirs = detector.train()(list(images), targets)
        boxes = detector.eval()(list(images))
    assert ours["label"].item() == pytest.approx(theirs["classification"].item(), rel=1e-5)
    assert ours["overlap"].item() == pytest.approx(theirs["bbox_regression"].item(), rel=1e-5)
    assert ours["centre"].item() == pytest.approx(theirs["bbox_ctrness"].item(), rel=1e-5)
    for mine, other in zip(found, boxes, strict=True):
        assert len(mine.scores) > 5
        some = (other["boxes"][:, :2] < other["boxes"][:, 2:]).all(1)  # theirs may have no area
        assert torch.allclose(mine.boxes, other["boxes"][some], atol=1e-4)
        assert torch.allclose(mine.scores, other["scores"][some], atol=1e-6)
        assert torch.equal(mine.labels, other["labels"][some])


def test_a_canvas_that_strides_do_not_divide_is_padded() -> None:
    model = build("torchvision_detector", max_height=43, max_width=51)
    images = torch.randn(2, 3, 43, 51, generator=torch.Generator().manual_seed(3))
    output = model(images, torch.tensor([[43, 51]] * 2))
    assert output.places == [12 * 14, 6 * 7]  # of 48 by 56
    centres = (output.anchors[0][:, :2] + output.anchors[0][:, 2:]) / 2
    assert centres[: 12 * 14].view(12, 14, 2)[3, 5].tolist() == [20, 12]
    assert centres[12 * 14 :].view(6, 7, 2)[2, 3].tolist() == [24, 16]


def test_where_nothing_was_found_it_is_said() -> None:
    assert DetectingPredictor.readable("scene 3", []) == "scene 3: nothing"
    assert (
        DetectingPredictor.readable("scene 3", [{"label": "bag", "box": [1, 2, 3, 4]}]) == "scene 3: bag at 1, 2, 3, 4"
    )

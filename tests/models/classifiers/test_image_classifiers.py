"""Image classifiers against others' implementations with the same weights, and where they say they look."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import timm
import torch
import torchvision
from benchmarks.peer_image_models import PlainResNet20
from model_examples import attention_factory
from torch import Tensor, nn

from attnlab.attention import IdentityAttention, MultiHeadAttention
from attnlab.feature_attention import (
    AxialFeatureAttention,
    CbamFeatureAttention,
    EcaFeatureAttention,
    NoneFeatureAttention,
    NonLocalFeatureAttention,
    SeFeatureAttention,
)
from attnlab.models import AttentionImageClassification, AxialResNet, ResNet, TorchvisionResNet, ViT
from attnlab.models.layers.slots import SCALED_DOT

SIZES = {"num_classes": 7, "in_channels": 3, "height": 20, "width": 28}
NON_LOCAL = partial(NonLocalFeatureAttention, attention=SCALED_DOT)
AXIAL = partial(AxialFeatureAttention, attention=SCALED_DOT, num_heads=2)


def _images(num: int = 5, **changes: int) -> Tensor:
    sizes = SIZES | changes
    shape = (num, sizes["in_channels"], sizes["height"], sizes["width"])
    return torch.randn(shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def _built(kind: Callable[..., Any], **arguments: Any) -> Any:
    torch.manual_seed(5)
    return kind(**{**SIZES, **arguments}).double().eval()


# Parity


@pytest.mark.parametrize("class_token", [True, False])
def test_the_vision_transformer_is_timms_with_its_weights(class_token: bool) -> None:
    ours = _built(
        ViT, attention=SCALED_DOT, dim=12, num_heads=3, num_layers=2, feed_forward_dim=24, class_token=class_token
    )
    theirs = timm.models.vision_transformer.VisionTransformer(
        img_size=(20, 28),
        patch_size=4,
        num_classes=7,
        embed_dim=12,
        depth=2,
        num_heads=3,
        mlp_ratio=2,
        class_token=class_token,
        global_pool="token" if class_token else "avg",
        fc_norm=False,
        norm_layer=nn.LayerNorm,  # timm's own has another epsilon
    )
    theirs.double().eval()
    state = {
        "pos_embed": ours.positions,
        "patch_embed.proj.weight": ours.patches.weight,
        "patch_embed.proj.bias": ours.patches.bias,
        "norm.weight": ours.norm.weight,
        "norm.bias": ours.norm.bias,
        "head.weight": ours.classifier.weight,
        "head.bias": ours.classifier.bias,
    }
    if class_token:
        state["cls_token"] = nn.init.normal_(ours.class_token)
    for number, layer in enumerate(ours.encoder):
        attention, feed_forward = layer.attention, layer.feed_forward
        projections = (attention.query_projection, attention.key_projection, attention.value_projection)
        for name, module in (
            ("norm1", layer.attention_residual.norm),
            ("attn.proj", attention.output_projection),
            ("norm2", layer.feed_forward_residual.norm),
            ("mlp.fc1", feed_forward.widen),
            ("mlp.fc2", feed_forward.narrow),
        ):
            state |= {f"blocks.{number}.{name}.{key}": value for key, value in module.state_dict().items()}
        for key in ("weight", "bias"):
            for each in projections:  # biases start at zero
                nn.init.normal_(each.bias)
            state[f"blocks.{number}.attn.qkv.{key}"] = torch.cat([getattr(each, key) for each in projections])
    theirs.load_state_dict(state)
    assert sum(p.numel() for p in ours.parameters()) == sum(p.numel() for p in theirs.parameters())
    assert torch.allclose(ours(_images()), theirs(_images()), atol=1e-10)


@pytest.mark.parametrize("training", [True, False])
def test_resnet_20_is_a_plain_one_with_its_weights(training: bool) -> None:
    ours = _built(ResNet, feature_attention=NoneFeatureAttention)
    theirs = PlainResNet20(**SIZES).double()
    assert ours.slots == {"blocks": "none"}
    own = ours.state_dict()
    names = {"stem.0.": "conv1.", "stem.1.": "bn1.", "classifier.": "linear."}
    names |= {f"stages.{stage}.{number}.": f"blocks.{3 * stage + number}." for stage in range(3) for number in range(3)}
    renamed = {}
    for key, value in own.items():
        prefix = next(each for each in names if key.startswith(each))
        renamed[names[prefix] + key.removeprefix(prefix)] = value
    theirs.load_state_dict(renamed)
    for model in (ours, theirs):
        model.train(training)
    images = _images(height=19, width=29)  # odd sizes are halved upwards
    assert torch.allclose(ours(images), theirs(images), atol=1e-10)


def test_num_blocks_of_five_has_32_layers() -> None:
    model = _built(ResNet, feature_attention=NoneFeatureAttention, num_blocks=5)
    assert sum(isinstance(m, (nn.Conv2d, nn.Linear)) for m in model.modules()) == 32


@pytest.mark.parametrize("depth, reference", [(18, torchvision.models.resnet18), (50, torchvision.models.resnet50)])
def test_torchvisions_nets_without_attention_are_torchvisions(depth: int, reference: Callable[..., Any]) -> None:
    ours = _built(TorchvisionResNet, feature_attention=NoneFeatureAttention, depth=depth, small_images=False)
    theirs = reference(num_classes=7).double().eval()
    theirs.load_state_dict({k.replace(".norm.", "."): v for k, v in ours.network.state_dict().items()})
    images = _images(2, height=64, width=49)
    assert torch.allclose(ours(images), theirs(images), atol=1e-8)


# Sizes that attention on feature maps is told


@pytest.mark.parametrize("attention, new_head", [(NoneFeatureAttention, False), (SeFeatureAttention, True)])
def test_torchvisions_weights_are_taken_by_its_names(attention: Any, new_head: bool) -> None:
    theirs = torchvision.models.resnet18(num_classes=11 if new_head else 7)
    ours = _built(TorchvisionResNet, feature_attention=attention, small_images=False).float()
    head = {name: value.clone() for name, value in ours.state_dict().items() if name.startswith("network.fc.")}
    weights = {name: value for name, value in theirs.state_dict().items() if not name.endswith("num_batches_tracked")}
    anew = ours.start_from(weights)
    assert [name for name in anew if ".feature_attention." not in name] == ([*head] if new_head else [])
    assert (attention is SeFeatureAttention) == any(".feature_attention." in name for name in anew)
    if new_head:
        assert all(torch.equal(value, ours.state_dict()[name]) for name, value in head.items())
        return
    images = _images().float()
    torch.testing.assert_close(ours(images), theirs.eval()(images))


def test_the_first_convolution_of_grey_images_is_the_sum_over_colours() -> None:
    theirs = torchvision.models.resnet18()
    ours = _built(TorchvisionResNet, feature_attention=NoneFeatureAttention, small_images=False, in_channels=1).float()
    ours.start_from(theirs.state_dict())
    grey = _images(in_channels=1).float()
    torch.testing.assert_close(ours.network.conv1(grey), theirs.conv1(grey.expand(-1, 3, -1, -1)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "arguments, reference, message",
    [
        (
            {},
            "resnet18",
            r"others than network.conv1.weight \(64, 3, 3, 3\): it is \(64, 3, 7, 7\) there \(set model.small_i",
        ),
        ({"small_images": False}, "resnet50", r"\(set model.depth=50, or model.weights\)"),
        (
            {"small_images": False},
            "resnet34",
            r"got also network.layer1.2.conv1.weight, which this one hasn't \(set model.depth=34, or model.weights\)",
        ),
        ({"small_images": False}, "resnet101", r"it isn't there|\(set model.depth, or model.weights\)"),
        ({"small_images": False, "depth": 34}, "resnet18", r"it isn't there \(set model.depth=18, or model.weights\)"),
    ],
)
def test_another_nets_weights_are_refused(arguments: dict[str, Any], reference: str, message: str) -> None:
    ours = _built(TorchvisionResNet, feature_attention=NoneFeatureAttention, **arguments)
    with pytest.raises(ValueError, match=message):
        ours.start_from(getattr(torchvision.models, reference)().state_dict())


@pytest.mark.parametrize("in_channels, mean", [(3, [0.485, 0.456, 0.406]), (1, [0.449])])
def test_images_are_to_be_normalised_for_weights_of_a_file_alone(in_channels: int, mean: list[float]) -> None:
    arguments = {"feature_attention": NoneFeatureAttention, "in_channels": in_channels}
    with torch.device("meta"):
        assert TorchvisionResNet(**SIZES | arguments).statistics is None
        statistics = TorchvisionResNet(**SIZES | arguments, weights="w.pth", weights_sha256="0").statistics
        with pytest.raises(ValueError, match=r"no such file of weights, got w.pth \(set model.weights\)"):
            TorchvisionResNet(**SIZES | arguments, weights="w.pth")
    assert statistics is not None
    assert statistics[0] == mean


@pytest.mark.parametrize(
    "kind, arguments",
    [
        (ResNet, {"num_blocks": 1}),
        (TorchvisionResNet, {"small_images": True}),
        (TorchvisionResNet, {"small_images": False}),
        (TorchvisionResNet, {"depth": 50}),
    ],
)
def test_every_block_is_told_the_size_and_channels_of_its_map(kind: Any, arguments: dict[str, Any]) -> None:
    class Recording(NoneFeatureAttention):
        def __init__(self, channels: int, *, max_size: tuple[int, int]) -> None:
            super().__init__(channels, max_size=max_size)
            self.told, self.seen = (channels, *max_size), ()

        def forward(self, x: Tensor) -> Tensor:
            self.seen = tuple(x.shape[1:])
            return x

    images = _images(1, height=19, width=30)
    model = _built(kind, feature_attention=Recording, height=19, width=30, **arguments)
    model(images)
    found = [module for module in model.modules() if isinstance(module, Recording)]
    assert len(found) == sum(type(m).__name__ in ("ResidualBlock", "BasicBlock", "Bottleneck") for m in model.modules())
    assert all(each.told == each.seen for each in found)


# Where models look

KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "pooling": (AttentionImageClassification, {"attention": SCALED_DOT, "dim": 12, "num_heads": 3}),
    "vit": (ViT, {"attention": SCALED_DOT, "dim": 12, "num_heads": 3, "num_layers": 2, "feed_forward_dim": 13}),
    "vit_mean": (ViT, {"attention": SCALED_DOT, "dim": 12, "num_heads": 3, "num_layers": 2, "class_token": False}),
    "axial": (AxialResNet, {"attention": SCALED_DOT, "dim": 12, "num_heads": 3}),
    "resnet_se": (ResNet, {"feature_attention": SeFeatureAttention, "num_blocks": 1}),
    "resnet_eca": (ResNet, {"feature_attention": EcaFeatureAttention, "num_blocks": 1}),
    "resnet_cbam": (ResNet, {"feature_attention": CbamFeatureAttention, "num_blocks": 1}),
    "resnet_non_local": (ResNet, {"feature_attention": NON_LOCAL, "num_blocks": 1}),
    "resnet_axial": (ResNet, {"feature_attention": AXIAL, "num_blocks": 1}),
    "torchvision_se": (TorchvisionResNet, {"feature_attention": SeFeatureAttention}),
}


@pytest.mark.parametrize("name", KINDS)
def test_maps_lie_over_the_image_and_leave_the_model_as_it_was(name: str) -> None:
    kind, arguments = KINDS[name]
    model = _built(kind, **arguments)
    images = _images(3)
    before = model(images)
    maps = model.image_maps(images)
    assert torch.equal(model(images), before)
    assert before.shape == (3, 7)
    assert maps.over_image or maps.over_channels
    for weights in maps.over_image.values():
        assert weights.shape[0] == 3
        assert weights.dim() == 4
        assert weights.isfinite().all()
        assert abs(weights.shape[3] / weights.shape[2] - 28 / 20) < 0.4  # the image's proportions
    assert maps.strided == ("resnet" in name or "torchvision" in name)
    for weights in maps.over_channels.values():
        assert weights.shape[0] == 3
        assert weights.dim() == 2
    alone = model.image_maps(images[1:2])  # an image's maps are its own
    for group, own in ((maps.over_image, alone.over_image), (maps.over_channels, alone.over_channels)):
        assert group.keys() == own.keys()
        assert all(torch.allclose(group[key][1:2], own[key], atol=1e-5) for key in group)


@pytest.mark.parametrize("name", ["pooling", "axial", "resnet_non_local", "resnet_axial", "vit_mean"])
def test_a_map_shares_one_out_among_the_places(name: str) -> None:
    kind, arguments = KINDS[name]
    maps = _built(kind, **arguments).image_maps(_images(3)).over_image
    for weights in maps.values():
        assert torch.allclose(weights.sum((2, 3)), torch.ones(()), atol=1e-5)


@pytest.mark.parametrize("name", ["vit", "vit_mean", "axial", "resnet_non_local", "resnet_axial"])
def test_what_places_give_to_places_is_in_the_mean_what_they_receive(name: str) -> None:
    kind, arguments = KINDS[name]
    maps = _built(kind, **arguments).image_maps(_images(3))
    assert maps.between_places
    for path, weights in maps.between_places.items():
        assert weights.shape[0] == 3
        assert weights.shape[2:4] == weights.shape[4:]
        given = weights.sum((4, 5))
        if name == "vit":  # the rest is the class token's
            assert ((given > 0) & (given < 1)).all()
            continue
        assert torch.allclose(given, torch.ones(()), atol=1e-5)
        if path in maps.over_image:
            assert torch.allclose(weights.mean((2, 3)), maps.over_image[path], atol=1e-6)


def test_the_net_that_pools_looks_where_the_weights_say() -> None:
    """With all weight on one place, nothing of the others' features matters."""
    model = _built(AttentionImageClassification, attention=SCALED_DOT, dim=8, dropout=0.0)
    features = model.convolutions(_images(1)).flatten(2).mT  # (1, P, D)
    weights = model.image_maps(_images(1)).over_image["pooling"].double().flatten(2)  # (1, 1, P)
    values = model.pooling.value_projection(features)
    pooled = model.pooling.output_projection(weights @ values).squeeze(1)
    assert torch.allclose(model.classifier(pooled), model(_images(1)), atol=1e-6)


def test_uniform_attention_is_average_pooling() -> None:
    model = _built(AttentionImageClassification, attention=attention_factory("uniform"), dim=8)
    assert not [name for name, _ in model.named_parameters() if name == "query"]  # it would get no gradient
    mean = model.convolutions(_images()).mean((2, 3))
    pooled = model.pooling.output_projection(model.pooling.value_projection(mean))
    assert torch.allclose(model(_images()), model.classifier(pooled), atol=1e-10)
    weights = model.image_maps(_images()).over_image["pooling"]
    assert torch.allclose(weights, torch.full_like(weights, 1 / 35))


def test_patches_are_in_reading_order() -> None:
    """A patch that alone is bright is the one whose embedding differs, at the map's own row and column."""
    model = _built(ViT, attention=SCALED_DOT, dim=12, num_heads=3, num_layers=1, feed_forward_dim=13)
    image = torch.zeros(1, 3, 20, 28, dtype=torch.float64)
    image[:, :, 8:12, 16:20] = 1  # row 2 and column 4 of 5 by 7 patches
    embedded = model.patches(image).flatten(2).mT[0]
    differs = (embedded - embedded[0]).abs().sum(1) > 1e-9
    assert torch.nonzero(differs).flatten().tolist() == [2 * 7 + 4]
    assert torch.nonzero(differs.view(model.grid)).tolist() == [[2, 4]]


# Slots and refusals


def test_slots_say_what_stands_where() -> None:
    for kind, mechanism, slots in (
        (ViT, "additive", {"encoder": "additive"}),
        (AxialResNet, "local", {"rows": "local", "columns": "local"}),
        (AttentionImageClassification, "dot", {"pooling": "dot"}),
    ):
        assert _built(kind, attention=attention_factory(mechanism)).slots == slots
    assert _built(ResNet, feature_attention=SeFeatureAttention, num_blocks=1).slots == {"blocks": "se"}
    around = partial(NonLocalFeatureAttention, attention=attention_factory("cosine"))
    model = _built(ResNet, feature_attention=around, num_blocks=1)
    assert model.slots == {"blocks": "non_local", "within_blocks": "cosine"}


IDENTITY = partial(MultiHeadAttention, core=IdentityAttention)


@pytest.mark.parametrize(
    "kind, arguments, message",
    [
        (
            ViT,
            {"attention": SCALED_DOT, "patch_size": 3},
            r"patches of 3 and an image of 20 by 28 \(set model.patch_size",
        ),
        (ViT, {"attention": SCALED_DOT, "patch_size": 0}, r"patches of 0 and an image"),
        (ViT, {"attention": SCALED_DOT, "dim": 0}, r"dim must be 1 or more, got 0 \(set model.dim\)"),
        (
            ViT,
            {"attention": SCALED_DOT, "num_layers": 0},
            r"num_layers must be 1 or more, got 0 \(set model.num_layers\)",
        ),
        (
            ViT,
            {"attention": SCALED_DOT, "dropout": 1.0},
            r"dropout must lie in \[0, 1\), got 1.0 \(set model.dropout\)",
        ),
        (ViT, {"attention": IDENTITY}, r"got identity attention \(set model.class_token=false\)"),
        (AxialResNet, {"attention": SCALED_DOT, "dim": 7}, r"dim must be even.* got 7 \(set model.dim\)"),
        (AxialResNet, {"attention": SCALED_DOT, "num_blocks": 0}, r"num_blocks must be 1 or more, got 0"),
        (AttentionImageClassification, {"attention": SCALED_DOT, "dim": 6}, r"dim must be divisible by 4, got 6"),
        (AttentionImageClassification, {"attention": SCALED_DOT, "height": 3}, r"at least 4 by 4, got 3 by 28"),
        (AttentionImageClassification, {"attention": SCALED_DOT, "dropout": -0.1}, r"dropout must lie in \[0, 1\)"),
        (AttentionImageClassification, {"attention": IDENTITY}, r"the attention must fit some slot of the model"),
        (
            ResNet,
            {"feature_attention": NoneFeatureAttention, "dim": 0},
            r"dim must be 1 or more, got 0 \(set model.dim\)",
        ),
        (ResNet, {"feature_attention": NoneFeatureAttention, "num_blocks": 0}, r"num_blocks must be 1 or more, got 0"),
        (TorchvisionResNet, {"feature_attention": NoneFeatureAttention, "depth": 19}, r"one of 18, 34, 50, got 19"),
    ],
)
def test_what_doesnt_fit_is_refused_with_the_key_to_set(kind: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kind(**{**SIZES, **arguments})


def test_without_a_class_token_identity_attention_is_a_bag_of_patches() -> None:
    model = _built(ViT, attention=IDENTITY, class_token=False, dim=12, num_heads=3, num_layers=2)
    nn.init.zeros_(model.positions)
    images = _images(2)
    patches = images.unfold(2, 4, 4).unfold(3, 4, 4)  # (2, 3, 5, 7, 4, 4)
    moved = patches.roll(3, dims=3).permute(0, 1, 2, 4, 3, 5).reshape(images.shape)
    assert not torch.equal(moved, images)
    assert torch.allclose(model(moved), model(images), atol=1e-10)

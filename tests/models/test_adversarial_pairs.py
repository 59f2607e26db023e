"""Pairs of a generator and a discriminator: sizes, gradients, classes, spectral norms, and where attention stands."""

import copy
import inspect
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from model_examples import CONF, FACTORIES, MECHANISMS
from omegaconf import OmegaConf
from torch import Tensor, nn

from attnlab.feature_attention import (
    AxialFeatureAttention,
    CbamFeatureAttention,
    NoneFeatureAttention,
    NonLocalFeatureAttention,
    SeFeatureAttention,
)
from attnlab.models import DCGAN, SAGAN, AttentionGAN
from attnlab.models.adversarial_maps import adversarial_maps, axial_steps
from attnlab.models.adversarial_networks import own_layers
from attnlab.models.slots import SCALED_DOT

NON_LOCAL = partial(NonLocalFeatureAttention, attention=SCALED_DOT)
AXIAL = partial(AxialFeatureAttention, attention=SCALED_DOT, num_heads=2)
SMALL = {"num_classes": 5, "in_channels": 1, "height": 17, "width": 23, "dim": 6, "latent_dim": 7, "conditional": False}
PAIRS: dict[str, tuple[Any, dict[str, Any]]] = {
    "dcgan": (DCGAN, {"feature_attention": NoneFeatureAttention}),
    "sagan": (SAGAN, {"feature_attention": NON_LOCAL}),
    "attention_gan": (AttentionGAN, {"feature_attention": NoneFeatureAttention, "attention": SCALED_DOT}),
}
BOTH = [(name, conditional) for name in PAIRS for conditional in (False, True)]


def _built(name: str, **changes: Any) -> Any:
    torch.manual_seed(5)
    kind, arguments = PAIRS[name]
    return kind(**{**SMALL, **arguments, **changes})


def _latents(num: int = 11) -> Tensor:
    return torch.randn(num, SMALL["latent_dim"], generator=torch.Generator().manual_seed(3))


def _images(num: int = 11, channels: int = 1, height: int = 17, width: int = 23) -> Tensor:
    return torch.rand(num, channels, height, width, generator=torch.Generator().manual_seed(7)) * 2 - 1


LABELS = torch.tensor([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 4])


def _open_gains(pair: nn.Module) -> None:
    """Set the gains that start at zero, and keep what is behind them out of the picture."""
    for name, parameter in pair.named_parameters():
        if name.endswith("gain"):
            nn.init.constant_(parameter, 0.7)


# Sizes


@pytest.mark.parametrize("name, conditional", BOTH)
@pytest.mark.parametrize(
    "channels, height, width", [(1, 28, 28), (3, 32, 32), (2, 17, 23), (1, 8, 13), (3, 8, 67), (1, 65, 40)]
)
def test_images_have_the_datas_size_and_range(
    name: str, conditional: bool, channels: int, height: int, width: int
) -> None:
    pair = _built(name, conditional=conditional, in_channels=channels, height=height, width=width)
    images = pair.generator(5 * _latents(), LABELS)
    assert images.shape == (11, channels, height, width)
    assert images.is_contiguous()
    assert -1 <= images.min() < -0.01
    assert 0.01 < images.max() <= 1
    assert pair.discriminator(images, LABELS).shape == (11,)
    assert (pair.latent_dim, pair.num_classes, pair.conditional) == (7, 5, conditional)
    assert (pair.in_channels, pair.height, pair.width) == (channels, height, width)


@pytest.mark.parametrize("name", PAIRS)
def test_every_edge_of_an_odd_image_is_made_and_judged(name: str) -> None:
    """Nothing is cut off: each border pixel moves the logit, and differs from image to image."""
    pair = _built(name).eval()
    made = pair.generator(_latents())
    images = _images().requires_grad_()
    (slope,) = torch.autograd.grad(pair.discriminator(images).sum(), images)
    for edge in (slice(0, 1), slice(-1, None)):
        assert (made[:, :, edge].std(0) > 0).all()
        assert (made[..., edge].std(0) > 0).all()
        assert (slope[:, :, edge].abs().amax(0) > 0).all()
        assert (slope[..., edge].abs().amax(0) > 0).all()


def test_the_dcgan_is_a_plain_one_with_its_weights() -> None:
    """Of 28 by 28, where nothing is cut: the layers in a row, as anybody would write them."""
    pair = _built("dcgan", height=28, width=28)
    generator, discriminator = pair.generator, pair.discriminator
    plain = nn.Sequential(
        nn.Linear(7, 24 * 7 * 7, bias=False),
        nn.Unflatten(1, (24, 7, 7)),
        *(nn.BatchNorm2d(24), nn.ReLU(), nn.ConvTranspose2d(24, 12, 4, 2, 1, bias=False)),
        *(nn.BatchNorm2d(12), nn.ReLU(), nn.ConvTranspose2d(12, 6, 4, 2, 1, bias=False)),
        *(nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 1, 3, padding=1), nn.Tanh()),
    )
    judge = nn.Sequential(
        *(nn.Conv2d(1, 6, 4, 2, 1), nn.LeakyReLU(0.2)),
        *(nn.Conv2d(6, 12, 4, 2, 1, bias=False), nn.BatchNorm2d(12), nn.LeakyReLU(0.2)),
        *(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(12, 24, 4, 2, 1, bias=False), nn.BatchNorm2d(24), nn.LeakyReLU(0.2)),
        *(nn.Flatten(), nn.Linear(24 * 4 * 4, 1)),
    )
    ours = (
        [generator.dense, generator.norms[0], generator.ups[0], generator.norms[1], generator.ups[1]],
        [discriminator.downs[0], discriminator.downs[1], discriminator.norms[1], discriminator.downs[2]],
    )
    ours[0].extend([generator.norms[2], generator.image])
    ours[1].extend([discriminator.norms[2], discriminator.judge])
    for theirs, mine in zip((plain, judge), ours, strict=True):
        weighted = [layer for layer in theirs if list(layer.parameters())]
        for layer, own in zip(weighted, mine, strict=True):
            layer.load_state_dict(own.state_dict())
    assert _count(plain) == _count(generator)
    assert _count(judge) == _count(discriminator)
    for training in (True, False):
        for network in (plain, judge, generator, discriminator):
            network.train(training)
        images = _images(height=28, width=28)
        assert torch.allclose(generator(_latents()), plain(_latents()), atol=1e-5)
        assert torch.allclose(discriminator(images), judge(images).squeeze(1), atol=1e-5)


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


# Gradients


@pytest.mark.parametrize("name, conditional", BOTH)
def test_gradients_reach_every_parameter_of_both_networks(name: str, conditional: bool) -> None:
    pair = _built(name, conditional=conditional, feature_attention=NON_LOCAL)
    _open_gains(pair)
    images = pair.generator(_latents(), LABELS)
    pair.discriminator(images, LABELS).square().sum().backward()
    for path, parameter in pair.named_parameters():
        assert parameter.grad is not None, path
        assert parameter.grad.isfinite().all(), path
        # A key's shift adds the same to all scores of a query, of which softmax takes no notice.
        assert parameter.grad.any() or path.endswith("key_projection.bias"), path


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_mechanism_learns_in_both_networks(mechanism: str) -> None:
    pair = _built("attention_gan", attention=FACTORIES[mechanism], dim=8)
    assert pair.slots["places"] == mechanism
    _open_gains(pair)
    pair.discriminator(pair.generator(_latents())).square().sum().backward()
    assert [path for path, parameter in pair.named_parameters() if parameter.grad is None] == []


@pytest.mark.parametrize("name", PAIRS)
def test_each_network_learns_without_the_other(name: str) -> None:
    """What a few steps of each are for: the discriminator tells, and the generator makes it err."""
    pair = _built(name, feature_attention=NoneFeatureAttention)
    real = _images().sign()
    made = pair.generator(_latents()).detach()
    optimizer = torch.optim.Adam(pair.discriminator.parameters(), lr=2e-3)
    for _ in range(40):
        margin = F.softplus(-pair.discriminator(real, LABELS)) + F.softplus(pair.discriminator(made, LABELS))
        optimizer.zero_grad()
        margin.mean().backward()
        optimizer.step()
    assert (pair.discriminator(real, LABELS) > pair.discriminator(made, LABELS)).all()
    optimizer = torch.optim.Adam(pair.generator.parameters(), lr=2e-3)
    before = pair.discriminator(pair.generator(_latents(), LABELS), LABELS).mean()
    for _ in range(20):
        optimizer.zero_grad()
        (-pair.discriminator(pair.generator(_latents(), LABELS), LABELS).mean()).backward()
        optimizer.step()
    assert pair.discriminator(pair.generator(_latents(), LABELS), LABELS).mean() > before


# Classes


@pytest.mark.parametrize("name", PAIRS)
def test_only_a_conditional_pair_heeds_the_label(name: str) -> None:
    other = LABELS.roll(1)
    for conditional in (False, True):
        pair = _built(name, conditional=conditional)
        for each in pair.modules():
            if isinstance(each, nn.Embedding):  # the generator's start alike for all classes
                nn.init.normal_(each.weight)
        pair.eval()
        made = [pair.generator(_latents(), labels) for labels in (LABELS, other)]
        judged = [pair.discriminator(_images(), labels) for labels in (LABELS, other)]
        same = other == LABELS  # one of them
        for first, second in (made, judged):
            assert torch.allclose(first[same], second[same], atol=1e-6)
            changes = (first - second)[~same].flatten(1).abs().amax(1) if first.dim() > 1 else (first - second)[~same]
            assert (changes != 0).all() if conditional else (changes == 0).all()
        if conditional:
            for network, given in ((pair.generator, _latents()), (pair.discriminator, _images())):
                with pytest.raises(ValueError, match=r"needs labels, got None \(set model.conditional\)"):
                    network(given)
        else:
            assert torch.equal(pair.generator(_latents()), made[0])
            assert not [each for each in pair.modules() if isinstance(each, nn.Embedding)]


def test_conditional_batch_norm_is_batch_norm_with_each_classs_gain_and_shift() -> None:
    pair = _built("sagan", conditional=True)
    norm = pair.generator.norms[1]
    nn.init.normal_(norm.gain.weight)
    nn.init.normal_(norm.shift.weight)
    x = torch.randn(11, 12, 3, 5, generator=torch.Generator().manual_seed(2)) * 3 + 2
    found = norm(x, LABELS)
    mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
    for number, label in enumerate(LABELS):
        for channel in range(12):
            whitened = (x[number, channel] - mean[channel]) / (var[channel] + 1e-5).sqrt()
            expected = norm.gain.weight[label, channel] * whitened + norm.shift.weight[label, channel]
            assert torch.allclose(found[number, channel], expected, atol=1e-5)


def test_the_projection_is_the_labels_embedding_times_the_features() -> None:
    pair = _built("dcgan", conditional=True).eval()
    discriminator = pair.discriminator
    features: list[Tensor] = []
    discriminator.judge.register_forward_pre_hook(lambda _, given: features.append(given[0]))
    logits = discriminator(_images(), LABELS)
    expected = features[0] @ discriminator.judge.weight[0] + discriminator.judge.bias
    expected += torch.stack([features[0][n] @ discriminator.embedding.weight[label] for n, label in enumerate(LABELS)])
    assert torch.allclose(logits, expected, atol=1e-6)


# Spectral norm


def _matrix(layer: nn.Module) -> Tensor:
    """A layer's weight with a row for each output."""
    weight = layer.weight.detach().double()
    return (weight.transpose(0, 1) if isinstance(layer, nn.ConvTranspose2d) else weight).flatten(1)


def test_the_sagans_layers_have_a_spectral_norm_of_one() -> None:
    pair = _built("sagan", conditional=True)
    layers = [*own_layers(pair.generator), *own_layers(pair.discriminator)]
    assert len(layers) == (1 + 2 + 1) + (3 + 1 + 1)
    for layer in layers:  # far from where they start, of differing scale
        nn.init.normal_(layer.parametrizations.weight.original, std=3)
    before = [torch.linalg.svdvals(_matrix(layer))[0].item() for layer in layers]
    for _ in range(100):
        pair.discriminator(pair.generator(_latents(), LABELS), LABELS)
    after = [torch.linalg.svdvals(_matrix(layer))[0].item() for layer in layers]
    assert after == pytest.approx([1] * len(layers), rel=0.03)
    assert max(before) > 1.1  # it took some iterations


def test_only_the_sagan_divides_its_weights_and_not_the_attentions() -> None:
    for name in PAIRS:
        pair = _built(name, feature_attention=NON_LOCAL)
        divided = {path for path, _ in pair.named_parameters() if "parametrizations" in path}
        assert bool(divided) == (name == "sagan")
        assert not [path for path in divided if "attention" in path]


# State


@pytest.mark.parametrize("name, conditional", BOTH)
def test_evaluation_leaves_every_buffer_as_it_is_and_training_does_not(name: str, conditional: bool) -> None:
    pair = _built(name, conditional=conditional)
    for training in (False, True):
        pair.train(training)
        before = copy.deepcopy(dict(pair.named_buffers()))
        pair.discriminator(pair.generator(_latents(), LABELS), LABELS)
        changed = {path for path, buffer in pair.named_buffers() if not torch.equal(buffer, before[path])}
        # The layers of a single output have a single singular value, which needs no iteration.
        moving = {path for path in before if not path.startswith(("generator.image.", "discriminator.judge."))}
        assert changed == (moving if training else set())


@pytest.mark.parametrize("name", PAIRS)
def test_a_state_taken_up_goes_on_bit_for_bit(name: str) -> None:
    pair = _built(name, conditional=True)

    def train(pair: Any, num: int) -> None:
        optimizer = torch.optim.SGD(pair.parameters(), lr=0.1)
        for _ in range(num):
            optimizer.zero_grad()
            pair.discriminator(pair.generator(_latents(), LABELS), LABELS).square().mean().backward()
            optimizer.step()

    train(pair, 2)
    state = copy.deepcopy(pair.state_dict())
    copied = copy.deepcopy(pair)
    train(pair, 2)
    torch.manual_seed(99)
    kind, arguments = PAIRS[name]
    other = kind(**{**SMALL, **arguments, "conditional": True})
    other.load_state_dict(state)
    for each in (other, copied):
        train(each, 2)
        for path, value in each.state_dict().items():
            assert torch.equal(value, pair.state_dict()[path]), path


@pytest.mark.parametrize("name", PAIRS)
def test_an_image_is_its_own_in_evaluation(name: str) -> None:
    pair = _built(name, conditional=True).eval()
    pair.generator.norms[0].norm.running_mean += 0.3
    all_images = pair.generator(_latents(), LABELS)
    assert torch.allclose(pair.generator(_latents()[4:6], LABELS[4:6]), all_images[4:6], atol=1e-6)
    logits = pair.discriminator(all_images, LABELS)
    assert torch.allclose(pair.discriminator(all_images[4:6], LABELS[4:6]), logits[4:6], atol=1e-6)


# Attention


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("height, width, size", [(28, 28, (14, 14)), (32, 32, (16, 16)), (17, 23, (9, 12))])
def test_feature_attention_stands_at_one_map_of_the_same_size_in_both(
    name: str, height: int, width: int, size: tuple[int, int]
) -> None:
    class Recording(NoneFeatureAttention):
        def __init__(self, channels: int, *, max_size: tuple[int, int]) -> None:
            super().__init__(channels, max_size=max_size)
            self.told, self.seen = (channels, *max_size), [(0, 0, 0)]

        def forward(self, x: Tensor) -> Tensor:
            self.seen.append(tuple(x.shape[1:]))
            return x

    pair = _built(name, feature_attention=Recording, height=height, width=width)
    pair.discriminator(pair.generator(_latents(), LABELS), LABELS)
    for network, channels in ((pair.generator, 12), (pair.discriminator, 6)):
        (found,) = [module for module in network.modules() if isinstance(module, Recording)]
        assert found.told == (channels, *size)
        assert found.seen == [(0, 0, 0), found.told]


def test_the_attention_gan_starts_as_the_dcgan() -> None:
    ours, plain = _built("attention_gan"), _built("dcgan")
    state = {path: value for path, value in ours.state_dict().items() if ".attention." not in path}
    plain.load_state_dict(state)
    images = plain.generator(_latents())
    assert torch.allclose(ours.generator(_latents()), images, atol=1e-6)
    assert torch.allclose(ours.discriminator(images), plain.discriminator(images), atol=1e-6)
    _open_gains(ours)
    assert not torch.allclose(ours.generator(_latents()), images, atol=1e-3)


def test_slots_say_what_stands_in_both() -> None:
    assert _built("dcgan").slots == {"blocks": "none"}
    assert _built("sagan").slots == {"blocks": "non_local", "within_blocks": "scaled_dot"}
    pair = _built("attention_gan", attention=FACTORIES["cosine"], feature_attention=AXIAL)
    assert pair.slots == {"places": "cosine", "blocks": "axial", "within_blocks": "scaled_dot"}


MAPS = [
    ("dcgan", {}, {}),
    ("dcgan", {"feature_attention": AXIAL}, {"attention": (1, 108)}),
    ("sagan", {}, {"attention": (1, 108)}),
    ("attention_gan", {}, {"attention.1": (2, 108)}),
    ("attention_gan", {"feature_attention": NON_LOCAL}, {"attention.0": (1, 108), "attention.1": (2, 108)}),
]


@pytest.mark.parametrize("name, changes, expected", MAPS)
def test_maps_say_whom_each_place_attends_to(
    name: str, changes: dict[str, Any], expected: dict[str, tuple[int, int]]
) -> None:
    pair = _built(name, conditional=True, **changes).eval()
    for network, given in ((pair.generator, _latents()), (pair.discriminator, _images())):
        before = network(given, LABELS)
        maps = adversarial_maps(network, given, LABELS)
        assert torch.equal(network(given, LABELS), before)
        assert {path: (each.size(1), each.size(2)) for path, each in maps.between_places.items()} == expected
        assert maps.sizes == dict.fromkeys(expected, (9, 12))
        assert not maps.over_image
        assert not maps.over_channels
        alone = adversarial_maps(network, given[3:4], LABELS[3:4]).between_places
        for path, weights in maps.between_places.items():
            assert weights.shape == (11, *expected[path], 108)
            assert torch.allclose(weights.sum(-1), torch.ones(()), atol=1e-5)
            assert torch.allclose(weights[3:4], alone[path], atol=1e-5)
            assert weights.std() > 1e-6  # not all alike


def test_maps_of_other_mechanisms_lie_over_the_image_or_its_channels() -> None:
    for mechanism, shape in ((partial(SeFeatureAttention, reduction=2), (11, 12)), (CbamFeatureAttention, None)):
        if shape is None:
            mechanism = partial(CbamFeatureAttention, reduction=2)
        pair = _built("dcgan", feature_attention=mechanism).eval()
        maps = adversarial_maps(pair.generator, _latents(), None)
        assert not maps.between_places
        assert not maps.sizes
        found = (maps.over_channels if shape else maps.over_image)["attention"]
        assert found.shape == (shape or (11, 1, 9, 12))


def test_a_map_of_the_attention_gan_is_what_it_gathers_by() -> None:
    """Row by row from the top left: the weights times the places' values are what is added."""
    pair = _built("attention_gan").eval()
    _open_gains(pair)
    attended = pair.discriminator.attention[1]
    seen: list[tuple[Tensor, Tensor]] = []
    attended.register_forward_hook(lambda _, given, made: seen.append((given[0], made)))
    weights = adversarial_maps(pair.discriminator, _images(), None).between_places["attention.1"]
    x, made = seen[0]
    shell = attended.attention
    for number in range(3):
        for row, column in ((0, 0), (3, 11), (8, 5)):
            mixed = []
            for head in range(2):
                mean = torch.zeros(3)
                for k in range(9):
                    for m in range(12):
                        place = x[number, :, k, m] + attended.row_positions[:, k, 0]
                        value = shell.value_projection(place + attended.column_positions[:, 0, m])
                        mean = mean + weights[number, head, row * 12 + column, k * 12 + m] * value.split(3)[head]
                mixed.append(mean)
            expected = x[number, :, row, column] + 0.7 * shell.output_projection(torch.cat(mixed))
            assert torch.allclose(made[number, :, row, column], expected, atol=1e-5)


def test_axial_steps_are_a_column_of_rows() -> None:
    batch, height, width = 2, 3, 5
    random = torch.Generator().manual_seed(11)
    rows = torch.rand(batch * height, 2, width, width, generator=random).softmax(-1)
    columns = torch.rand(batch * width, 2, height, height, generator=random).softmax(-1)
    found = axial_steps(rows, columns, batch_size=batch)
    assert found.shape == (batch, 1, height * width, height * width)
    for b in range(batch):
        for i in range(height):
            for j in range(width):
                for k in range(height):
                    for m in range(width):
                        expected = columns[b * width + j].mean(0)[i, k] * rows[b * height + k].mean(0)[j, m]
                        assert torch.isclose(found[b, 0, i * width + j, k * width + m], expected)


# Configs and refusals


@pytest.mark.parametrize("name", PAIRS)
def test_every_key_is_an_argument_and_every_default_agrees(name: str) -> None:
    node = OmegaConf.to_container(OmegaConf.load(CONF / "model" / f"{name}.yaml"), resolve=False)
    parameters = inspect.signature(PAIRS[name][0]).parameters
    given = {key: value for key, value in node.items() if not key.startswith("_")}
    assert set(given) | {"num_classes", "in_channels", "height", "width"} == set(parameters)
    for key, value in given.items():
        default = parameters[key].default
        assert value == (f"${{{key}}}" if default is inspect.Parameter.empty else default), key


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_is_counted_without_being_made(name: str) -> None:
    with torch.device("meta"):
        pair = _built(name, conditional=True)
    assert all(parameter.is_meta for parameter in pair.parameters())
    assert _count(pair) == _count(_built(name, conditional=True))


@pytest.mark.parametrize(
    "name, arguments, message",
    [
        ("dcgan", {"height": 7}, r"the image must be at least 8 by 8, got 7 by 23 \(set data.image_size\)$"),
        ("sagan", {"width": 5}, r"the image must be at least 8 by 8, got 17 by 5 \(set data.image_size\)$"),
        ("sagan", {"dim": 0}, r"dim must be 1 or more, got 0 \(set model.dim\)$"),
        ("attention_gan", {"latent_dim": 0}, r"latent_dim must be 1 or more, got 0 \(set model.latent_dim\)$"),
        ("attention_gan", {"num_heads": 5}, r"got dim 12 and 5 heads \(set model.dim or model.num_heads\)$"),
        ("attention_gan", {"num_heads": 0}, r"got dim 12 and 0 heads \(set model.dim or model.num_heads\)$"),
        ("dcgan", {"feature_attention": SeFeatureAttention}, r"\(set feature_attention.reduction\)$"),
    ],
)
def test_what_doesnt_fit_is_refused_with_the_key_to_set(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _built(name, **arguments)

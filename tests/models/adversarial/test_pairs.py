"""Pairs of a generator and a discriminator: sizes, gradients, classes, spectral norms and state."""

import copy
import inspect
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from model_examples import CONF, FACTORIES, MECHANISMS
from omegaconf import OmegaConf
from pair_examples import BOTH, LABELS, NON_LOCAL, PAIRS, SMALL, build_pair, draw_images, draw_latents, open_gains
from torch import Tensor, nn

from attnlab.feature_attention import NoneFeatureAttention, SeFeatureAttention
from attnlab.models.adversarial.networks import own_layers

# Sizes


@pytest.mark.parametrize("name, conditional", BOTH)
@pytest.mark.parametrize(
    "channels, height, width", [(1, 28, 28), (3, 32, 32), (2, 17, 23), (1, 8, 13), (3, 8, 67), (1, 65, 40)]
)
def test_images_have_the_datas_size_and_range(
    name: str, conditional: bool, channels: int, height: int, width: int
) -> None:
    pair = build_pair(name, conditional=conditional, in_channels=channels, height=height, width=width)
    images = pair.generator(5 * draw_latents(), LABELS)
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
    pair = build_pair(name).eval()
    made = pair.generator(draw_latents())
    images = draw_images().requires_grad_()
    (slope,) = torch.autograd.grad(pair.discriminator(images).sum(), images)
    for edge in (slice(0, 1), slice(-1, None)):
        assert (made[:, :, edge].std(0) > 0).all()
        assert (made[..., edge].std(0) > 0).all()
        assert (slope[:, :, edge].abs().amax(0) > 0).all()
        assert (slope[..., edge].abs().amax(0) > 0).all()


def test_the_dcgan_is_a_plain_one_with_its_weights() -> None:
    """Of 28 by 28, where nothing is cut: the layers in a row, as anybody would write them."""
    pair = build_pair("dcgan", height=28, width=28)
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
        images = draw_images(height=28, width=28)
        assert torch.allclose(generator(draw_latents()), plain(draw_latents()), atol=1e-5)
        assert torch.allclose(discriminator(images), judge(images).squeeze(1), atol=1e-5)


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


# Gradients


@pytest.mark.parametrize("name, conditional", BOTH)
def test_gradients_reach_every_parameter_of_both_networks(name: str, conditional: bool) -> None:
    pair = build_pair(name, conditional=conditional, feature_attention=NON_LOCAL)
    open_gains(pair)
    images = pair.generator(draw_latents(), LABELS)
    pair.discriminator(images, LABELS).square().sum().backward()
    for path, parameter in pair.named_parameters():
        assert parameter.grad is not None, path
        assert parameter.grad.isfinite().all(), path
        # A key's shift adds the same to all scores of a query, of which softmax takes no notice.
        assert parameter.grad.any() or path.endswith("key_projection.bias"), path


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_mechanism_learns_in_both_networks(mechanism: str) -> None:
    pair = build_pair("attention_gan", attention=FACTORIES[mechanism], dim=8)
    assert pair.slots["places"] == mechanism
    open_gains(pair)
    pair.discriminator(pair.generator(draw_latents())).square().sum().backward()
    assert [path for path, parameter in pair.named_parameters() if parameter.grad is None] == []


@pytest.mark.parametrize("name", PAIRS)
def test_each_network_learns_without_the_other(name: str) -> None:
    """What a few steps of each are for: the discriminator tells, and the generator makes it err."""
    pair = build_pair(name, feature_attention=NoneFeatureAttention)
    real = draw_images().sign()
    made = pair.generator(draw_latents()).detach()
    optimizer = torch.optim.Adam(pair.discriminator.parameters(), lr=2e-3)
    for _ in range(40):
        margin = F.softplus(-pair.discriminator(real, LABELS)) + F.softplus(pair.discriminator(made, LABELS))
        optimizer.zero_grad()
        margin.mean().backward()
        optimizer.step()
    assert (pair.discriminator(real, LABELS) > pair.discriminator(made, LABELS)).all()
    optimizer = torch.optim.Adam(pair.generator.parameters(), lr=2e-3)
    before = pair.discriminator(pair.generator(draw_latents(), LABELS), LABELS).mean()
    for _ in range(20):
        optimizer.zero_grad()
        (-pair.discriminator(pair.generator(draw_latents(), LABELS), LABELS).mean()).backward()
        optimizer.step()
    assert pair.discriminator(pair.generator(draw_latents(), LABELS), LABELS).mean() > before


# Classes


@pytest.mark.parametrize("name", PAIRS)
def test_only_a_conditional_pair_heeds_the_label(name: str) -> None:
    other = LABELS.roll(1)
    for conditional in (False, True):
        pair = build_pair(name, conditional=conditional)
        for each in pair.modules():
            if isinstance(each, nn.Embedding):  # the generator's start alike for all classes
                nn.init.normal_(each.weight)
        pair.eval()
        made = [pair.generator(draw_latents(), labels) for labels in (LABELS, other)]
        judged = [pair.discriminator(draw_images(), labels) for labels in (LABELS, other)]
        same = other == LABELS  # one of them
        for first, second in (made, judged):
            assert torch.allclose(first[same], second[same], atol=1e-6)
            changes = (first - second)[~same].flatten(1).abs().amax(1) if first.dim() > 1 else (first - second)[~same]
            assert (changes != 0).all() if conditional else (changes == 0).all()
        if conditional:
            for network, given in ((pair.generator, draw_latents()), (pair.discriminator, draw_images())):
                with pytest.raises(ValueError, match=r"needs labels, got None \(set model.conditional\)"):
                    network(given)
        else:
            assert torch.equal(pair.generator(draw_latents()), made[0])
            assert not [each for each in pair.modules() if isinstance(each, nn.Embedding)]


def test_conditional_batch_norm_is_batch_norm_with_each_classs_gain_and_shift() -> None:
    pair = build_pair("sagan", conditional=True)
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
    pair = build_pair("dcgan", conditional=True).eval()
    discriminator = pair.discriminator
    features: list[Tensor] = []
    discriminator.judge.register_forward_pre_hook(lambda _, given: features.append(given[0]))
    logits = discriminator(draw_images(), LABELS)
    expected = features[0] @ discriminator.judge.weight[0] + discriminator.judge.bias
    expected += torch.stack([features[0][n] @ discriminator.embedding.weight[label] for n, label in enumerate(LABELS)])
    assert torch.allclose(logits, expected, atol=1e-6)


# Spectral norm


def _matrix(layer: nn.Module) -> Tensor:
    """A layer's weight with a row for each output."""
    weight = layer.weight.detach().double()
    return (weight.transpose(0, 1) if isinstance(layer, nn.ConvTranspose2d) else weight).flatten(1)


def test_the_sagans_layers_have_a_spectral_norm_of_one() -> None:
    pair = build_pair("sagan", conditional=True)
    layers = [*own_layers(pair.generator), *own_layers(pair.discriminator)]
    assert len(layers) == (1 + 2 + 1) + (3 + 1 + 1)
    for layer in layers:  # far from where they start, of differing scale
        nn.init.normal_(layer.parametrizations.weight.original, std=3)
    before = [torch.linalg.svdvals(_matrix(layer))[0].item() for layer in layers]
    for _ in range(100):
        pair.discriminator(pair.generator(draw_latents(), LABELS), LABELS)
    after = [torch.linalg.svdvals(_matrix(layer))[0].item() for layer in layers]
    assert after == pytest.approx([1] * len(layers), rel=0.03)
    assert max(before) > 1.1  # it took some iterations


def test_only_the_sagan_divides_its_weights_and_not_the_attentions() -> None:
    for name in PAIRS:
        pair = build_pair(name, feature_attention=NON_LOCAL)
        divided = {path for path, _ in pair.named_parameters() if "parametrizations" in path}
        assert bool(divided) == (name == "sagan")
        assert not [path for path in divided if "attention" in path]


# State


@pytest.mark.parametrize("name, conditional", BOTH)
def test_evaluation_leaves_every_buffer_as_it_is_and_training_does_not(name: str, conditional: bool) -> None:
    pair = build_pair(name, conditional=conditional)
    for training in (False, True):
        pair.train(training)
        before = copy.deepcopy(dict(pair.named_buffers()))
        pair.discriminator(pair.generator(draw_latents(), LABELS), LABELS)
        changed = {path for path, buffer in pair.named_buffers() if not torch.equal(buffer, before[path])}
        # The layers of a single output have a single singular value, which needs no iteration.
        moving = {path for path in before if not path.startswith(("generator.image.", "discriminator.judge."))}
        assert changed == (moving if training else set())


@pytest.mark.parametrize("name", PAIRS)
def test_a_state_taken_up_goes_on_bit_for_bit(name: str) -> None:
    pair = build_pair(name, conditional=True)

    def train(pair: Any, num: int) -> None:
        optimizer = torch.optim.SGD(pair.parameters(), lr=0.1)
        for _ in range(num):
            optimizer.zero_grad()
            pair.discriminator(pair.generator(draw_latents(), LABELS), LABELS).square().mean().backward()
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
    pair = build_pair(name, conditional=True).eval()
    pair.generator.norms[0].norm.running_mean += 0.3
    all_images = pair.generator(draw_latents(), LABELS)
    assert torch.allclose(pair.generator(draw_latents()[4:6], LABELS[4:6]), all_images[4:6], atol=1e-6)
    logits = pair.discriminator(all_images, LABELS)
    assert torch.allclose(pair.discriminator(all_images[4:6], LABELS[4:6]), logits[4:6], atol=1e-6)


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
        pair = build_pair(name, conditional=True)
    assert all(parameter.is_meta for parameter in pair.parameters())
    assert _count(pair) == _count(build_pair(name, conditional=True))


@pytest.mark.parametrize(
    "name, arguments, message",
    [
        ("dcgan", {"height": 7}, r"the image must be at least 8 by 8, got 7 by 23 \(set data.image_size\)$"),
        ("sagan", {"width": 5}, r"the image must be at least 8 by 8, got 17 by 5 \(set data.image_size\)$"),
        ("sagan", {"dim": 0}, r"dim must be 1 or more, got 0 \(set model.dim\)$"),
        ("attention_gan", {"latent_dim": 0}, r"latent_dim must be 1 or more, got 0 \(set model.latent_dim\)$"),
        ("attention_gan", {"num_heads": 5}, r"12 and 5 heads \(set model.dim to 10 or 20, or model.num_heads\)$"),
        ("attention_gan", {"num_heads": 0}, r"num_heads must be 1 or more, got 0 \(set model.num_heads\)$"),
        ("dcgan", {"feature_attention": SeFeatureAttention}, r"\(set feature_attention.reduction\)$"),
    ],
)
def test_what_doesnt_fit_is_refused_with_the_key_to_set(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_pair(name, **arguments)

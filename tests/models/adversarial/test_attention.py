"""Where attention stands in adversarial networks, and where they say they look."""

from functools import partial
from typing import Any

import pytest
import torch
from model_examples import FACTORIES
from pair_examples import AXIAL, LABELS, NON_LOCAL, PAIRS, build_pair, draw_images, draw_latents, open_gains
from torch import Tensor

from attnlab.feature_attention import CbamFeatureAttention, NoneFeatureAttention, SeFeatureAttention
from attnlab.models.adversarial.maps import adversarial_maps


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

    pair = build_pair(name, feature_attention=Recording, height=height, width=width)
    pair.discriminator(pair.generator(draw_latents(), LABELS), LABELS)
    for network, channels in ((pair.generator, 12), (pair.discriminator, 6)):
        (found,) = [module for module in network.modules() if isinstance(module, Recording)]
        assert found.told == (channels, *size)
        assert found.seen == [(0, 0, 0), found.told]


def test_the_attention_gan_starts_as_the_dcgan() -> None:
    ours, plain = build_pair("attention_gan"), build_pair("dcgan")
    state = {path: value for path, value in ours.state_dict().items() if ".attention." not in path}
    plain.load_state_dict(state)
    images = plain.generator(draw_latents())
    assert torch.allclose(ours.generator(draw_latents()), images, atol=1e-6)
    assert torch.allclose(ours.discriminator(images), plain.discriminator(images), atol=1e-6)
    open_gains(ours)
    assert not torch.allclose(ours.generator(draw_latents()), images, atol=1e-3)


def test_slots_say_what_stands_in_both() -> None:
    assert build_pair("dcgan").slots == {"blocks": "none"}
    assert build_pair("sagan").slots == {"blocks": "non_local", "within_blocks": "scaled_dot"}
    pair = build_pair("attention_gan", attention=FACTORIES["cosine"], feature_attention=AXIAL)
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
    pair = build_pair(name, conditional=True, **changes).eval()
    for network, given in ((pair.generator, draw_latents()), (pair.discriminator, draw_images())):
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
    gates = (partial(SeFeatureAttention, reduction=2), partial(CbamFeatureAttention, reduction=2))
    generators = [build_pair("dcgan", feature_attention=gate).eval().generator for gate in gates]
    of_se, of_cbam = (adversarial_maps(each, draw_latents(), None) for each in generators)
    assert {path: weights.shape for path, weights in of_se.over_channels.items()} == {"attention": (11, 12)}
    assert {path: weights.shape for path, weights in of_cbam.over_image.items()} == {"attention": (11, 1, 9, 12)}
    assert of_se.over_image == {}
    assert of_cbam.over_channels.keys() == of_cbam.over_image.keys()
    for maps in (of_se, of_cbam):
        assert maps.between_places == maps.sizes == {}


def test_a_map_of_the_attention_gan_is_what_it_gathers_by() -> None:
    """Row by row from the top left: the weights times the places' values are what is added."""
    pair = build_pair("attention_gan").eval()
    open_gains(pair)
    attended = pair.discriminator.attention[1]
    seen: list[tuple[Tensor, Tensor]] = []
    attended.register_forward_hook(lambda _, given, made: seen.append((given[0], made)))
    weights = adversarial_maps(pair.discriminator, draw_images(), None).between_places["attention.1"]
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

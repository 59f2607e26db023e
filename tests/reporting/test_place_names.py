"""Paths of modules in words."""

import pytest

from attnlab.reporting.place_names import place_name


@pytest.mark.parametrize(
    "path, words",
    [
        ("stages.0.1.feature_attention", "stage 1, block 2"),
        ("layer3.0.feature_attention", "layer 3, block 1"),
        ("encoder.layers.1.self_attention.core", "encoder, layer 2, self attention"),
        ("cross_attention", "cross attention"),
        ("attention", "attention"),
        ("head 3", "head 3"),
        ("1 my_class.x 80%", "1 my_class.x 80%"),
        ("狗", "狗"),
    ],
)
def test_a_place_in_a_net_is_said_in_words(path: str, words: str) -> None:
    assert place_name(path) == words

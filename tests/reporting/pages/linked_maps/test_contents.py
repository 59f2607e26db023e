"""Maps as they are kept: what is read back is what was there, to four digits of the largest, and never too much."""

import json

import pytest
import torch

from attnlab.reporting.pages.linked_maps.contents import (
    MOST_LAYERS,
    MOST_NUMBERS,
    STEPS,
    channels_view,
    looked_at,
    places_view,
    queries_view,
    words_view,
)


def test_weights_are_kept_to_a_share_of_the_largest() -> None:
    weights = torch.randn(3, 5, 7) * 1e-6
    [layer] = places_view({"a.b": weights}, name="places", size=(5, 7), strided=False)["layers"]
    kept = torch.tensor(json.loads(json.dumps(layer["heads"])), dtype=torch.float64) * layer["unit"]
    assert torch.allclose(kept, weights.double(), atol=float(weights.abs().max()) / STEPS)
    assert max(abs(each) for head in layer["heads"] for row in head for each in row) == STEPS
    assert (layer["name"], layer["averaged"]) == ("a.b", False)


def test_what_is_no_number_is_kept_as_nothing_and_nothing_at_all_divides_by_zero() -> None:
    weights = torch.tensor([0.5, float("nan"), float("inf"), 0.0])
    assert channels_view({"a": weights}, name="channels")["layers"][0]["heads"] == [[STEPS, None, None, 0]]
    assert channels_view({"a": torch.zeros(2)}, name="channels")["layers"][0]["heads"] == [[0, 0]]


def test_heads_are_averaged_where_they_are_too_many_numbers_and_left_out_where_their_mean_is() -> None:
    text = {"text": "source", "units": [("a", 0, 1)]}
    side = int((MOST_NUMBERS / 2) ** 0.5)
    averaged = torch.rand(3, side, side)
    view = words_view({"a": averaged}, name="sentence", rows=text, columns=text)
    [layer] = view["layers"]
    assert layer["averaged"]
    assert len(layer["heads"]) == 1
    assert layer["heads"][0][3][5] * layer["unit"] == pytest.approx(float(averaged[:, 3, 5].mean()), abs=1e-4)
    view = words_view({"a": torch.rand(2, 2 * side, 2 * side)}, name="sentence", rows=text, columns=text)
    assert (view["layers"], view["left_out"]) == ([], 1)


def test_of_many_layers_the_first_the_last_and_some_between_are_kept() -> None:
    view = channels_view({str(number): torch.rand(3) for number in range(40)}, name="channels")
    names = [int(each["name"]) for each in view["layers"]]
    assert len(names) == MOST_LAYERS
    assert (names[0], names[-1], view["left_out"]) == (0, 39, 40 - MOST_LAYERS)
    assert names == sorted(names)


def test_places_of_nets_that_halve_are_points_a_power_of_two_apart() -> None:
    maps = {"first": torch.rand(1, 28, 28), "last": torch.rand(1, 7, 7)}
    view = places_view(maps, name="places", size=(28, 28), strided=True)
    first, last = (each["centres"] for each in view["layers"])
    assert [each * 28 for each in last[0]] == pytest.approx([4 * place + 0.5 for place in range(7)], abs=0.01)
    assert [each * 28 for each in first[1]] == pytest.approx([place + 0.5 for place in range(28)], abs=0.01)
    looked = looked_at(torch.rand(5, 3), (37, 20))
    assert looked is not None
    assert [len(each) for each in looked["centres"]] == [5, 3]
    assert [each * 37 for each in looked["centres"][0]] == pytest.approx([0.5, 8.5, 16.5, 24.5, 32.5], abs=0.01)
    assert "edges" not in looked


def test_of_blocks_of_places_the_middles_are_points() -> None:
    view = queries_view({"many": torch.rand(1, 14, 13, 14, 13)}, name="queries", size=(28, 26), strided=True)
    [layer] = view["layers"]
    assert layer["merged"] == 2
    rows, columns = layer["centres"]
    assert [each * 28 for each in rows] == pytest.approx([4 * block + 1.5 for block in range(7)], abs=0.01)
    assert columns[-1] * 26 == pytest.approx(24.5, abs=0.01), "the last is of one place"


def test_each_place_has_its_own_map_and_of_many_places_blocks_are_one() -> None:
    few, many = (torch.rand(2, *grid, *grid) for grid in ((3, 5), (14, 13)))
    few, many = (each / each.sum((3, 4), keepdim=True) for each in (few, many))
    view = queries_view({"few": few, "many": many}, name="queries", size=(28, 26), strided=False)
    of_few, of_many = view["layers"]
    kept = torch.tensor(of_few["heads"]) * of_few["unit"]
    assert torch.allclose(kept, few.flatten(1, 2), atol=1e-3)
    assert "merged" not in of_few
    assert of_many["merged"] == 2
    blocks = torch.tensor(of_many["heads"]).float().mean(0) * of_many["unit"]
    assert blocks.shape == (7 * 7, 7, 7)
    assert torch.allclose(blocks.sum((1, 2)), torch.ones(49), atol=0.01), "a block gives as much as a place"
    of_one = many.mean(0)[2:4, 12:, 4:6, 0:2].sum((2, 3)).mean()  # the last block is narrower
    assert blocks[7 + 6, 2, 0] == pytest.approx(float(of_one), abs=1e-3)
    rows, columns = of_many["edges"]
    assert rows == [round(each / 7, 4) for each in range(7)] + [1.0]
    assert columns[-2:] == [round(12 / 13, 4), 1.0]

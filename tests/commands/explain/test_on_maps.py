"""`attnlab explain feature_attention=NAME`: what is printed is what the mechanism does, for every one that there is."""

import json
import re
from typing import Any

import pytest
import torch

from attnlab.commands import cli
from attnlab.commands.explain.choosing import chosen
from attnlab.commands.explain.making import map_factory
from attnlab.commands.explain.on_maps import CHANNELS, PICTURE, explain_on_maps, render_on_maps
from attnlab.config.compose import load_group, options
from attnlab.feature_attention import EcaFeatureAttention

SHAPES = {"channels": (CHANNELS,), "positions": (3, 4), "both": (CHANNELS, 3, 4)}


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert cli.main(["explain", *arguments, "--json"]) == 0
    explanation: dict[str, Any] = json.loads(capsys.readouterr().out)
    return explanation


@pytest.mark.parametrize("name", options("feature_attention"))
def test_every_mechanism_is_explained(name: str) -> None:
    choice = chosen([f"feature_attention={name}"], [])
    make, around = map_factory(load_group("feature_attention", name), choice, inner=choice.load_around())
    explanation = explain_on_maps(name, make, around=around)
    given, output = (torch.tensor(each, dtype=torch.float64) for each in (explanation.input, explanation.output))
    assert given.shape == output.shape == (CHANNELS, 3, 4)
    torch.testing.assert_close(given[-1], torch.tensor(PICTURE, dtype=torch.float64))
    if explanation.weights is not None:
        assert torch.tensor(explanation.weights).shape == SHAPES[str(explanation.weights_over)]
    torch.manual_seed(0)
    module = make(CHANNELS, max_size=(3, 4)).double().eval()
    last = torch.tensor(explanation.steps[-1].values, dtype=torch.float64).view(output.shape)
    torch.testing.assert_close(last, module(given[None])[0].detach())
    text = render_on_maps(explanation, language="en")
    assert text.startswith(f"feature_attention={name}{' attention=scaled_dot' if around else ''} (")
    assert ("The output is the input, as it begins." in text) == torch.equal(given, output)
    chinese = render_on_maps(explanation, language="zh", said="说明。")
    assert not re.findall(r"\b(?:the|of|its|which|channel)\b", chinese)


def test_the_numbers_are_the_mechanisms(capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    eca = EcaFeatureAttention(CHANNELS, max_size=(3, 4)).double().eval()
    explanation = shown(capsys, "feature_attention=eca")
    x = torch.tensor(explanation["input"], dtype=torch.float64)[None]
    torch.testing.assert_close(torch.tensor(explanation["weights"], dtype=torch.float64), eca.weights(x)[0].detach())
    torch.testing.assert_close(torch.tensor(explanation["output"], dtype=torch.float64), eca(x)[0].detach())
    assert cli.main(["explain", "feature_attention=eca"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    weight = explanation["weights"][-1]
    assert ["25-32", *(f"{each:.4f}" for each in explanation["weights"][-8:])] in rows
    assert ["0.0000", f"{weight:.4f}", f"{3 * weight:.4f}", f"{weight:.4f}"] in rows


def test_another_attention_can_stand_inside(capsys: pytest.CaptureFixture[str]) -> None:
    inside = {
        name: shown(capsys, "feature_attention=non_local", f"attention={name}") for name in ("additive", "uniform")
    }
    assert [each["around"] for each in inside.values()] == ["additive", "uniform"]
    weights = {name: each["steps"][0]["values"] for name, each in inside.items()}
    assert weights["uniform"] == pytest.approx([1 / 12] * 12)
    assert sum(weights["additive"]) == pytest.approx(1)
    assert weights["additive"] != weights["uniform"]


def test_an_argument_of_its_own_counts(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = (shown(capsys, "feature_attention=se", f"feature_attention.reduction={r}") for r in (2, 16))
    assert one["weights"] != other["weights"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["feature_attention=see"], "did you mean se?"),
        (["feature_attention=se", "feature_attention.reduction=64"], "(set feature_attention.reduction)"),
        (
            ["feature_attention=se", "attention=dot"],
            "feature_attention=se isn't built around query-key-",
        ),
        (["feature_attention=axial", "attention=dto"], "did you mean dot?"),
        (
            ["feature_attention=se", "--query", "1", "--keys", "1"],
            "an example of your own, or a role, is for attention=NAME",
        ),
        (["feature_attention.reduction=2"], "which mechanism is to be explained, got feature_attention.reduction=2"),
        (["model=transformer"], "or feature_attention likewise, can be set here, got 'model=transformer'"),
    ],
)
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert cli.main(["explain", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert message in error

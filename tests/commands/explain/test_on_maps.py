"""`attnlab explain feature_attention=NAME`: what is printed is what the mechanism does, for every one that there is."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from attnlab.commands import cli
from attnlab.commands.explain.on_maps import CHANNELS, PICTURE
from attnlab.config.compose import options
from attnlab.feature_attention import EcaFeatureAttention

SHAPES = {"channels": (CHANNELS,), "positions": (3, 4), "both": (CHANNELS, 3, 4)}


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert cli.main(["explain", *arguments, "--json"]) == 0
    explanation: dict[str, Any] = json.loads(capsys.readouterr().out)
    return explanation


@pytest.mark.parametrize("name", options("feature_attention"))
def test_every_mechanism_is_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    explanation = shown(capsys, f"feature_attention={name}")
    given, output = (torch.tensor(explanation[key], dtype=torch.float64) for key in ("input", "output"))
    assert given.shape == output.shape == (CHANNELS, 3, 4)
    torch.testing.assert_close(given[-1], torch.tensor(PICTURE, dtype=torch.float64))
    if explanation["weights"] is None:
        assert explanation["maps"] == []
    else:
        assert torch.tensor(explanation["weights"]).shape == SHAPES[explanation["weights_over"]]
        assert [Path(path).stat().st_size > 0 for path in explanation["maps"]] == [True]
    assert cli.main(["explain", f"feature_attention={name}"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"feature_attention={name} ({explanation['mechanism']})\n\n  ")
    assert ("which is the input" in text) == torch.equal(given, output)
    assert (text.count("Map: ") == 1) == (explanation["weights"] is not None)


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
    assert [str(CHANNELS), f"{weight:.4f}", "█" * round(30 * weight)] in rows
    assert ["0.0000", f"{weight:.4f}", f"{3 * weight:.4f}", f"{weight:.4f}"] in rows


def test_an_argument_of_its_own_counts(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = (shown(capsys, "feature_attention=se", f"feature_attention.reduction={r}") for r in (2, 16))
    assert one["weights"] != other["weights"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["feature_attention=see"], "did you mean se?"),
        (["feature_attention=se", "feature_attention.reduction=64"], "(set feature_attention.reduction)"),
        (["feature_attention=se", "attention=dot"], "one mechanism is explained at a time, got feature_attention=se "),
        (["feature_attention=se", "--query", "1", "--keys", "1"], "an example of your own is for attention=NAME, got"),
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

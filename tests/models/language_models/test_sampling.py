"""How the next token is drawn."""

from typing import Any

import pytest
import torch
from model_examples import FACTORIES

from attnlab.models import GPT, LSTMLM
from attnlab.models.language_models.sampling import Drawn, Sampling, draw
from attnlab.models.special_tokens import EOS

LOGITS = torch.tensor([[9.0, 9.0, 0.5, 9.0, 2.0, 1.0, 0.0]])  # those of PAD, BOS and UNK are the greatest
OPEN = [EOS, 4, 5, 6]


def shares(sampling: Sampling) -> torch.Tensor:
    """Of each token, at chances spread evenly."""
    chances = (torch.arange(4000, dtype=torch.float64) + 0.5) / 4000
    tokens = sampling(LOGITS.expand(4000, -1).clone(), chances)
    return torch.bincount(tokens, minlength=7) / 4000


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_as_often_as_their_probability_says(temperature: float) -> None:
    expected = torch.zeros(7)
    expected[OPEN] = (LOGITS[0, OPEN] / temperature).softmax(0)
    torch.testing.assert_close(shares(Sampling(temperature=temperature)), expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("temperature", [5e-324, 1e-320, 1e-300, 1e-9])
def test_of_a_tiny_temperature_only_the_greatest_are_drawn_and_evenly(temperature: float) -> None:
    found = Sampling(temperature=temperature, top_p=0.999)(LOGITS.clone(), torch.tensor([0.3], dtype=torch.float64))
    assert found.tolist() == [4]
    equal = LOGITS.new_tensor([[9.0, 9.0, 0.5, 9.0, 2.0, 2.0]]).expand(2, -1).clone()
    drawn = Sampling(temperature=temperature)(equal, torch.tensor([0.2, 0.8], dtype=torch.float64))
    assert drawn.tolist() == [4, 5]


def test_only_the_most_probable_are_drawn_and_the_first_always_may_be() -> None:
    assert shares(Sampling(top_k=2)).nonzero().flatten().tolist() == [4, 5]
    assert shares(Sampling(top_k=100))[OPEN].min() > 0
    probabilities = LOGITS[0, OPEN].softmax(0)  # of 2, 4, 5, 6: 4 leads
    both = float(probabilities[1] + probabilities[2])
    assert shares(Sampling(top_p=both - 1e-6)).nonzero().flatten().tolist() == [4, 5]
    assert shares(Sampling(top_p=both + 1e-6)).nonzero().flatten().tolist() == [2, 4, 5]
    for sampling in (Sampling(top_p=1e-9), Sampling(temperature=0.0), Sampling(top_k=1, top_p=0.5)):
        assert shares(sampling)[4] == 1


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_of_what_are_no_numbers_nothing_is_drawn(value: float, temperature: float) -> None:
    with pytest.raises(FloatingPointError, match=r"logits are not numbers, so nothing can be drawn: training diverged"):
        Sampling(temperature=temperature)(torch.full((2, 7), value), torch.tensor([0.2, 0.8]).double())


@pytest.mark.parametrize(
    "values, message",
    [
        ({"temperature": -0.1}, r"temperature must be 0 or more, got -0\.1 \(set task\.temperature\)"),
        ({"top_k": 0}, r"top_k must be 1 or more, got 0"),
        ({"top_p": 0.0}, r"top_p must be above 0, got 0\.0"),
        ({"top_p": 1.1}, r"top_p must be 1 or less, got 1\.1"),
    ],
)
def test_a_number_out_of_its_range_is_refused_with_its_key(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sampling(**values)


def gpt() -> GPT:
    torch.manual_seed(3)
    sizes = {"vocab_size": 29, "context_length": 11, "max_length": 11, "dim": 12, "num_heads": 2, "num_layers": 2}
    return GPT(**sizes, feed_forward_dim=19, attention=FACTORIES["scaled_dot"]).eval()


def drawn(model: Any, seeds: list[int], *, max_tokens: int = 5, given: tuple[int, ...] = (2, 7, 9)) -> list[Drawn]:
    return draw(model, given, sampling=Sampling(), max_tokens=max_tokens, seeds=[(each,) for each in seeds])


def test_a_continuation_follows_from_its_seed_alone() -> None:
    model = gpt()
    together = drawn(model, [1, 2, 3])
    assert [each.ids for each in together] == [drawn(model, [seed])[0].ids for seed in (1, 2, 3)]
    assert len({tuple(each.ids) for each in together}) > 1


def test_log_probabilities_are_those_of_one_pass_over_the_whole() -> None:
    model = gpt()
    for each in drawn(model, [1, 2]):
        ids = torch.tensor([[2, 7, 9, *each.ids]])
        expected = model(ids[:, :-1]).log_softmax(2).gather(2, ids[:, 1:, None]).flatten()
        found = torch.tensor([*each.given_log_probs, *each.log_probs[: len(each.ids)]])
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
        assert each.ended == (len(each.log_probs) > len(each.ids))


@pytest.mark.parametrize("kind", ["gpt", "lstm"])
def test_what_doesnt_fit_a_context_goes_on_from_its_latter_half(kind: str) -> None:
    torch.manual_seed(3)
    model: Any = gpt() if kind == "gpt" else LSTMLM(vocab_size=29, context_length=11, max_length=11, dim=7).eval()
    long = max(drawn(model, [4, 5, 6], max_tokens=40, given=tuple(range(4, 28))), key=lambda each: len(each.ids))
    assert len(long.ids) == 40 or long.ended
    assert len(long.given_log_probs) == 10
    ids = [*range(17, 28), long.ids[0]]
    half = torch.tensor([ids[-5:]])
    assert long.log_probs[1] == pytest.approx(model(half)[0, -1].log_softmax(0)[long.ids[1]].item(), abs=1e-5)

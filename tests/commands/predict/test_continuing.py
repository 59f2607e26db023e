"""How `attnlab predict` has a language model go on."""

from argparse import ArgumentParser, Namespace
from types import SimpleNamespace
from typing import Any

import pytest

from attnlab.commands.predict import continuing, generation
from attnlab.errors import UserError
from attnlab.models.language_models.sampling import Sampling


def _options(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    generation.add_options(parser)
    continuing.add_options(parser)
    return parser.parse_args(arguments)


def _predictor() -> Any:
    return SimpleNamespace(sampling=Sampling(temperature=0.8, top_k=5), max_tokens=7, seed=0)


def test_what_isnt_asked_for_stays_as_the_run_has_it() -> None:
    predictor = _predictor()
    assert continuing.settle(predictor, _options()) == 1
    assert vars(predictor) == vars(_predictor())
    assert continuing.asked(_options("--num", "3")) == []  # which generators of images have, too


def test_what_is_asked_for_is_taken() -> None:
    predictor, options = _predictor(), _options("--num", "3", "--seed", "5", "--top-p", "0.5", "--max-tokens", "2")
    assert continuing.asked(options) == ["--top-p 0.5", "--max-tokens 2"]
    assert continuing.settle(predictor, options) == 3
    assert (predictor.seed, predictor.max_tokens) == (5, 2)
    assert predictor.sampling == Sampling(temperature=0.8, top_k=5, top_p=0.5)
    assert generation.asked(options) == []


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--num", "0"], r"--num must be from 1 to 10000, got 0 \(set --num\)"),
        (["--seed", "-1"], r"--seed must be from 0 to 2147483647, got -1 \(set --seed\)"),
        (["--max-tokens", "0"], r"--max-tokens must be from 1 to 1048576, got 0 \(set --max-tokens\)"),
        (["--temperature", "-1"], r"temperature must be 0 or more, got -1\.0 \(set --temperature\)"),
        (["--top-k", "0"], r"top_k must be 1 or more, got 0 \(set --top-k\)"),
        (["--top-p", "1.5"], r"top_p must be 1 or less, got 1\.5 \(set --top-p\)"),
    ],
)
def test_a_number_out_of_its_range_is_refused_with_its_option(arguments: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        continuing.settle(_predictor(), _options(*arguments))

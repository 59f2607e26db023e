"""Inputs in letters that a model has never seen are remarked upon, and rare words aren't."""

from collections.abc import Callable

import pytest
import torch
from tiny_tasks import codec_of

from attnlab.data import BPETokenizer
from attnlab.models.strange_inputs import num_strange, remark_on_strange


def _tokens(trained_on: list[str]) -> Callable[[str], list[str]]:
    tokenizer = BPETokenizer(vocab_size=300, min_frequency=1)
    tokenizer.train(trained_on)
    return lambda text: tokenizer.tokens(tokenizer.encode([text])[0])


def test_bytes_that_are_no_letters_and_unknown_words_are_strange() -> None:
    tokens = _tokens(["Y vio Dios que la luz era buena.", "En el principio creó Dios los cielos."] * 3)
    assert num_strange(tokens("creó xyzzy «zzz» 12 &")) <= 4  # the quotation marks' two bytes each
    assert num_strange(tokens("起初神创造天地")) == 3 * 7
    assert num_strange(_tokens(["起初神创造天地"] * 9)("起初神创造天地")) == 0
    assert num_strange(["<unk>", "a", r"\xe4\xbd", r"\x"]) == 2


@pytest.mark.parametrize(
    "found, said",
    [
        ([(21, 22)], "21 of 22 tokens of the input are"),
        ([(3, 4), (0, 7), (9, 9)], "12 of 13 tokens of 2 of 3 inputs are"),
        ([(2, 3), (0, 0), (0, 5)], ""),
        ([], ""),
    ],
)
def test_only_inputs_that_are_mostly_strange_are_remarked_upon(
    found: list[tuple[int, int]], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    remark_on_strange(found, units="tokens")
    assert caplog.text.count("\n") == bool(said)
    assert said in caplog.text


@pytest.mark.parametrize("task, units", [("translation", "tokens"), ("ner", "letters")])
def test_a_model_says_so_when_it_is_asked(task: str, units: str, caplog: pytest.LogCaptureFixture) -> None:
    from tiny_tasks import OVERRIDES

    from attnlab.config.compose import compose_run
    from attnlab.runs import build

    codec = codec_of(task)
    config = build.plain(compose_run([f"task={task}", *OVERRIDES[task]]))
    torch.manual_seed(7)
    predictor = build.build_task(config, codec.sizes, codec).eval().predictor
    list(predictor.predict_texts(["one two"]))
    assert not caplog.text
    list(predictor.predict_texts(["起初神创造天地"]))
    assert f"{units} of the input are unknown to this model or bare bytes" in caplog.text

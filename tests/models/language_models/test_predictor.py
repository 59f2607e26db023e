"""What goes on with texts, and what it says of that."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from tiny_tasks import build_tiny

from attnlab.config.compose import compose_run
from attnlab.data import LanguageCodec, SymbolTokenizer
from attnlab.errors import UserError
from attnlab.models.language_models.predictor import LanguagePredictor
from attnlab.models.special_tokens import EOS
from attnlab.runs import build


@pytest.fixture(scope="module")
def predictor() -> Any:
    return build_tiny("language_modelling").eval().predictor


def test_a_text_is_given_as_many_different_continuations_as_it_is_asked_for(predictor: Any) -> None:
    found = list(predictor.predict_texts(["one two", "one two", "cat"], batch_size=2))
    assert [each["id"] for each in found] == [0, 1, 2]
    assert [each["input"] for each in found] == ["one two", "one two", "cat"]
    assert found[0]["output"] != found[1]["output"]
    assert found[:2] == list(predictor.predict_texts(["one two", "one two"], batch_size=1))
    for each in found:
        details = each["details"]
        assert details["ids"][0] == EOS
        assert len(details["tokens"]) == len(details["ids"])
        assert each["score"] == pytest.approx(sum(details["log_probs"]) / len(details["log_probs"]), abs=1e-3)
        assert predictor.line(each, colour=False).startswith(each["input"])


def test_another_seed_is_another_continuation(predictor: Any) -> None:
    first = [each["output"] for each in predictor.predict_texts(["one"])]
    predictor.seed = 1
    second = [each["output"] for each in predictor.predict_texts(["one"])]
    predictor.seed = 0
    assert first != second
    assert first == [each["output"] for each in predictor.predict_texts(["one"])]


def test_what_is_too_long_is_read_from_behind(predictor: Any, caplog: pytest.LogCaptureFixture) -> None:
    [found] = predictor.predict_texts(["one two three four five cat " * 5])
    assert found["details"]["num_given"] == 16
    assert "read the last 16 of" in caplog.text


def test_maps_have_a_row_and_a_column_a_token_and_nobody_looks_ahead(predictor: Any) -> None:
    [found] = predictor.predict_texts(["one two"])
    [picture] = predictor.prediction_pictures(found)
    size = len(picture.query_labels)
    assert list(picture.query_labels) == list(picture.key_labels)
    assert picture.weights.shape == (2, size, size)
    assert not picture.weights.triu(1).any()
    torch.testing.assert_close(picture.weights.sum(-1), torch.ones(2, size))
    assert len(predictor.layer_pictures(found["details"]["ids"])) == 2


def test_without_attention_there_is_no_map() -> None:
    config = build.plain(compose_run(["task=language_modelling", "model=lstm_lm", "model.dim=12"]))
    lstm = build_tiny("language_modelling", config).eval().predictor
    [found] = lstm.predict_texts(["one two"])
    with pytest.raises(ValueError, match="no attention to draw"):
        lstm.prediction_pictures(found)
    assert lstm.pictures_of_some([found], 1) == []


def _knowing_one_symbol(predictor: Any) -> LanguagePredictor:
    codec = LanguageCodec(tokenizer=SymbolTokenizer(symbols=["a"]).state(), marked=False)
    return LanguagePredictor(predictor.model, codec, temperature=0.0, top_k=None, top_p=None, max_tokens=3)


def test_a_text_without_a_token_is_refused_where_nothing_marks_a_beginning(predictor: Any) -> None:
    with pytest.raises(UserError, match="must hold a token, got ' '"):
        list(_knowing_one_symbol(predictor).predict_texts([" "]))


def test_tokens_that_nobody_knows_are_counted(predictor: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert _knowing_one_symbol(predictor)._given("a b c a") == [4, 3, 3, 4]
    assert "2 of 4 tokens of an input are none that the model was trained on" in caplog.text
    caplog.clear()
    _knowing_one_symbol(predictor)._given("a a")
    assert not caplog.text


def test_a_sampling_can_be_changed(predictor: Any) -> None:
    before = predictor.sampling
    predictor.sampling = replace(before, temperature=0.0)
    outputs = {each["output"] for each in predictor.predict_texts(["one"] * 3)}
    predictor.sampling = before
    assert len(outputs) == 1

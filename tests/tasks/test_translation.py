"""Translation: scores are sacrebleu's, and what can't be is refused before any data is read."""

from typing import Any

import pytest
import sacrebleu

from attnlab.commands import cli
from attnlab.config.compose import compose_run
from attnlab.data import BPETokenizer, TranslationCodec
from attnlab.runs import build

pytestmark = pytest.mark.text


def _task(**changes: Any) -> Any:
    config = build.plain(compose_run(["task=translation", "model.dim=12", *(f"{k}={v}" for k, v in changes.items())]))
    tokenizer = BPETokenizer(vocab_size=270)
    tokenizer.train(["a cat", "un gato"])
    codec = TranslationCodec(source="en", target="es", source_tokenizer=tokenizer.state())
    return build.build_task(config, codec.sizes, codec)


OUTPUTS = ["el gato duerme en la casa", "un perro", ""]
TARGETS = ["el gato duerme en una casa", "un perro grande", "nada"]


def test_scores_are_those_of_sacrebleu_and_are_signed() -> None:
    task = _task()
    predictions = [{"output": output, "target": target} for output, target in zip(OUTPUTS, TARGETS, strict=True)]
    scores = task._corpus_scores(predictions)
    for name, metric in (("bleu", sacrebleu.BLEU()), ("chrf", sacrebleu.CHRF())):
        assert scores[name] == metric.corpus_score(OUTPUTS, [TARGETS]).score
        assert task.signatures[name] == str(metric.get_signature())
    right = task._corpus_scores([{"output": target, "target": target} for target in TARGETS])
    assert right["bleu"] == pytest.approx(100)
    assert 0 < scores["bleu"] < scores["chrf"] < right["chrf"]


def test_quality_can_be_monitored_only_where_texts_are_written() -> None:
    assert _task(**{"task.monitor": "val/bleu", "task.mode": "max"}).monitor == "val/bleu"
    with pytest.raises(
        build.UserError, match=r"^monitor must be one of val/loss, val/perplexity, got 'val/bleu' \(set"
    ):
        _task(**{"task.monitor": "val/bleu", "task.mode": "max", "task.num_val_translations": 0})


@pytest.mark.parametrize(
    "override, message",
    [
        ("task.label_smoothing=1.0", "label_smoothing must lie in [0, 1), got 1.0 (set task.label_smoothing)"),
        ("task.num_val_translations=-1", "num_val_translations must be 0 or more, got -1"),
        ("task.beam_size=0", "beam_size must be 1 or more, got 0 (set task.beam_size)"),
        ("task.length_penalty=-0.5", "length_penalty must be 0 or more, got -0.5 (set task.length_penalty)"),
        ("task.mode=max", "mode must be min for val/loss, got 'max' (set task.mode)"),
    ],
)
def test_a_value_out_of_range_is_found_before_any_data_is_read(
    override: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", "task=translation", override, "output_dir=run"]) == 2
    assert message in capsys.readouterr().err

"""Translation: scores are sacrebleu's, and what can't be is refused before any data is read."""

import json
from pathlib import Path
from typing import Any

import pytest
import sacrebleu
from tiny import run, write_corpus

from attnlab.commands import cli
from attnlab.config.compose import compose_run
from attnlab.data import BPETokenizer, TranslationCodec
from attnlab.runs import build

pytestmark = pytest.mark.text


def _task(**changes: Any) -> Any:
    config = build.plain(compose_run(["task=translation", "model.dim=12", *(f"{k}={v}" for k, v in changes.items())]))
    tokenizer = BPETokenizer(vocab_size=270, lowercase=config["tokenizer"]["lowercase"])
    tokenizer.train(["a cat", "un gato"])
    codec = TranslationCodec(source="en", target="es", source_tokenizer=tokenizer.state())
    return build.build_task(config, codec.sizes, codec)


OUTPUTS = ["el gato duerme en la casa", "un perro", ""]
CASED = ["El gato duerme en una Casa", "Un Perro grande"]
TARGETS = ["el gato duerme en una casa", "un perro grande", "nada"]


def _predictions(outputs: list[str], targets: list[str]) -> list[dict[str, Any]]:
    return [
        {"output": output, "target": target, "details": {}} for output, target in zip(outputs, targets, strict=True)
    ]


def test_scores_are_those_of_sacrebleu_and_are_signed() -> None:
    task = _task()
    found = task._quality(_predictions(OUTPUTS, TARGETS))
    for name, metric in (("bleu", sacrebleu.BLEU()), ("chrf", sacrebleu.CHRF())):
        assert found.scores[name] == metric.corpus_score(OUTPUTS, [TARGETS]).score
        assert found.signatures[name] == str(metric.get_signature())
    right = task._quality(_predictions(TARGETS, TARGETS))
    assert right.scores["bleu"] == pytest.approx(100)
    assert 0 < found.scores["bleu"] < found.scores["chrf"] < right.scores["chrf"]


def test_a_model_of_small_letters_is_scored_without_regard_to_case() -> None:
    small = _task(**{"tokenizer.lowercase": "true"})
    found = small._quality(_predictions([target.lower() for target in CASED], CASED))
    assert found.scores == pytest.approx({"bleu": 100, "chrf": 100})
    assert "|case:lc|" in found.signatures["bleu"]
    assert max(_task()._quality(_predictions([target.lower() for target in CASED], CASED)).scores.values()) < 100


def test_all_references_count() -> None:
    predictions = _predictions(OUTPUTS[:1], TARGETS[:1])
    alone = _task()._quality(predictions)
    predictions[0]["details"]["references"] = [*TARGETS[:1], *OUTPUTS[:1]]
    both = _task()._quality(predictions)
    assert alone.scores["bleu"] < both.scores["bleu"] == pytest.approx(100)
    assert both.signatures["bleu"].startswith("nrefs:2|")


def test_nothing_is_written_for_a_blank_and_what_bleu_cannot_say_is_on_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    sources, targets = ["one two", "", "cat dog five"], ["uno dos", "gato", ""]
    for split in ("val", "test"):
        for side, lines in (("en", sources), ("es", targets)):
            (corpus / f"{split}.{side}").write_text("".join(line + "\n" for line in lines))
    more = ["trainer.max_steps=1", "callbacks=none", "tokenizer.lowercase=true"]
    assert run(corpus, "output_dir=run", *more) == 0
    printed = capsys.readouterr()
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert "bleu" not in metrics["test"]
    assert set(metrics["signatures"]) == {"chrf"}
    assert "short_references" in [each["kind"] for each in metrics["warnings"]]
    assert "BLEU isn't given: no reference has 4 tokens (13a)" in printed.out
    assert metrics["signatures"]["chrf"] in printed.out
    blank = json.loads(Path("run/predictions.jsonl").read_text().split("\n")[1])
    assert (blank["output"], blank["details"]["ids"], blank["target"]) == ("", [], "gato")

    assert cli.main(["evaluate", "run"]) == 0
    printed = capsys.readouterr()
    assert "bleu" not in printed.out
    assert "BLEU isn't given: no reference has 4 tokens (13a)" in printed.err
    assert f"signature: chrf {metrics['signatures']['chrf']}" in printed.err

    assert cli.main(["evaluate", "run", "trainer.limit_test_batches=0"]) == 2
    said = "error: a test needs an example, got 0 of 3 (set trainer.limit_test_batches)\n"
    assert capsys.readouterr().err.endswith(said)

    monitored = ["output_dir=other", "trainer.val_check_interval=1", "task.monitor=val/bleu", "task.mode=max"]
    assert run(corpus, *more, *monitored) == 2
    assert "error: val/bleu needs a reference with four tokens, got none in val (set" in capsys.readouterr().err


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
        ("task.bleu_tokenizer=ja-mecab", "bleu_tokenizer must be auto, or of sacrebleu's that need no further"),
        ("task.mode=max", "mode must be min for val/loss, got 'max' (set task.mode)"),
    ],
)
def test_a_value_out_of_range_is_found_before_any_data_is_read(
    override: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", "task=translation", override, "output_dir=run"]) == 2
    assert message in capsys.readouterr().err

"""Summarization through the command: a whole run, its resume, its use, and what is refused."""

import gzip
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Trainer
from records_agree import assert_records_agree
from same_run import assert_in_mid_pass, assert_same_run, curves
from tiny_summaries import SIZES, run, write_corpus

from attnlab.commands import cli
from attnlab.launch.stop import Wish
from attnlab.runs.checkpoints import Checkpoints

# Lightning asks for workers and warns of its own internals; neither is about this code.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _metrics(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "metrics.json").read_text())
    return found


@contextmanager
def _interrupted_at(step: int) -> Iterator[None]:
    """As if the user pressed Ctrl-C during this update."""

    def agreed(self: Checkpoints, trainer: Trainer) -> Wish:
        now = trainer.global_step == step and (not trainer.validating or self._written_at == step)
        return Wish.STOP if now else Wish.GO_ON

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", agreed)
        yield


SCORES = {"loss", "perplexity", "novel_unigrams", "novel_bigrams", "novel_trigrams", "num_words", "length_ratio"}
ROUGE = {"rouge1", "rouge2", "rouge_l", "rouge_lsum"}


@pytest.mark.text
def test_a_run_is_scored_beside_lead_and_its_checkpoint_summarizes_alone(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(corpus, "output_dir=run", "model.coverage=true") == 0
    printed = capsys.readouterr().out
    assert "test rouge1" in printed
    assert "test lead_rouge1" in printed

    metrics = _metrics("run")
    assert set(metrics["test"]) == SCORES | ROUGE | {f"lead_{name}" for name in ROUGE} | {"coverage_loss"}
    assert metrics["signatures"]["rouge"].startswith("rouge-score|version:")
    assert metrics["signatures"]["lead"] == "LeadSentences|count:1"
    assert metrics["attention_slots"] == {"cross": "additive"}
    assert metrics["data"]["examples"]["train"] == sum(1 + number % 2 for number in range(SIZES["train"]))
    assert metrics["test"]["lead_rouge1"] > 0  # the whole document, here
    assert {name for _, name, _ in curves(Path("run"))} >= {
        "train/coverage_loss",
        "val/coverage_loss",
        "val/rouge_lsum",
    }

    lines = [json.loads(line) for line in Path("run/predictions.jsonl").read_text().splitlines()]
    rows = [json.loads(line) for line in (corpus / "test.jsonl").read_text().splitlines()]
    for line, row in zip(lines, rows, strict=True):
        assert (line["input"], line["target"]) == (row["body"], row["short"][0])
        assert line["details"].get("references", [line["target"]]) == row["short"]
        assert line["details"]["document"] == row["key"]
        assert 1 <= len(line["details"]["ids"]) <= 11
        assert line["output"]
    assert_records_agree(Path("run"))

    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.pop("num_examples") == len(lines)
    for key in ("of_examples", "warnings", "signatures"):
        del again[key]
    assert again == pytest.approx(metrics["test"], rel=1e-5)

    # The best checkpoint alone, moved, with the corpus and the run gone, still summarizes: text, file or stdin.
    shutil.copy("run/checkpoints/best.ckpt", tmp_path / "elsewhere.ckpt")
    for folder in (Path("run"), Path("cache"), corpus):
        shutil.rmtree(folder)
    Path("two.txt").write_text(f"{lines[0]['input']}\none two three\n")
    assert cli.main(["predict", "elsewhere.ckpt", "two.txt", "--json", "--map", "m.png"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["output"] == lines[0]["output"]
    assert second["input"] == "one two three"
    details = first["details"]
    alignment = torch.tensor(details["alignment"])
    assert alignment.shape == (len(details["target_tokens"]), len(details["source_tokens"]))
    assert torch.allclose(alignment.sum(dim=1), torch.ones(len(alignment)), atol=1e-2)
    assert len(details["copy_probabilities"]) == len(details["target_tokens"])
    assert all(0 < share < 1 for share in details["copy_probabilities"])
    assert Path("m.png").read_bytes().startswith(b"\x89PNG")
    assert cli.main(["predict", "elsewhere.ckpt", lines[0]["input"]]) == 0
    assert capsys.readouterr().out.strip() == first["output"].strip()


def test_long_inputs_are_cut_with_a_logged_count(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(corpus, "output_dir=run", "trainer.max_steps=1", "callbacks=none") == 0
    capsys.readouterr()
    assert cli.main(["predict", "run", "one", "two " * 97]) == 0
    assert "cut 1 of 2 inputs to the 17 tokens that the model reads" in capsys.readouterr().err

    # Nothing is made of nothing, and the others are as without it.
    lines = ["one two", "", " \t", "three"]
    Path("in.txt.gz").write_bytes(gzip.compress("\r\n".join(lines).encode()))
    assert cli.main(["predict", "run", "in.txt.gz", "--json", "--batch-size", "3"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["id"], each["input"]) for each in found] == list(enumerate(lines))
    assert [each["output"] for each in found[1:3]] == ["", ""]
    assert cli.main(["predict", "run", "one two", "three", "--json"]) == 0
    alone = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["output"] for each in alone] == [found[0]["output"], found[3]["output"]]
    assert [each["details"]["source_tokens"] for each in alone] == [
        found[row]["details"]["source_tokens"] for row in (0, 3)
    ]
    Path("gap.txt").write_text("\none\n")
    assert cli.main(["predict", "run", "gap.txt", "--map", "m.png"]) == 2
    assert "no word to draw in the first input" in capsys.readouterr().err

    # An article in a file is one text.
    assert cli.main(["predict", "run", "in.txt.gz", "three", "--whole-file", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["input"] for each in found] == ["\n".join(lines), "three"]


@pytest.mark.parametrize(
    "more, stops",
    [
        (["model.coverage=true", "model.dropout=0.3"], [1, 6]),
        (["model=transformer", "model.num_layers=1", "trainer.accumulate_grad_batches=2"], [3]),
    ],
)
def test_an_interrupted_run_ends_with_the_same_bits(corpus: Path, more: list[str], stops: list[int]) -> None:
    """Interrupted in mid-epoch: weights, curves, scores and predictions are the same."""
    assert run(corpus, "output_dir=whole", *more) == 0
    for stop in stops:
        with _interrupted_at(stop):
            assert run(corpus, "output_dir=parts", *more) == 130
        assert_in_mid_pass(Path("parts"))
    assert cli.main(["train", "resume=parts"]) == 0
    assert_same_run(Path("whole"), Path("parts"))


@pytest.mark.text
def test_bf16_trains_with_copying_and_coverage(corpus: Path) -> None:
    more = ["model.coverage=true", "trainer.precision=bf16-mixed", "trainer.max_steps=4", "callbacks=none"]
    assert run(corpus, "output_dir=run", *more) == 0
    assert all(torch.isfinite(torch.tensor(value)) for value in _metrics("run")["test"].values())


def test_a_summary_obeys_its_shortest_length_and_blocks_what_repeats(corpus: Path) -> None:
    more = ["task.min_length=7", "task.no_repeat_ngram_size=2", "trainer.max_steps=1", "callbacks=none"]
    assert run(corpus, "output_dir=run", *more) == 0
    for line in Path("run/predictions.jsonl").read_text().splitlines():
        ids = json.loads(line)["details"]["ids"]
        assert 7 <= len(ids) <= 11
        pairs = list(pairwise(ids))
        assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize(
    "overrides, message",
    [
        (["task.beam_size=0"], "beam_size must be 1 or more, got 0 (set task.beam_size)"),
        (["task.coverage_weight=-1"], "coverage_weight must be 0 or more, got -1 (set task.coverage_weight)"),
        (["task.no_repeat_ngram_size=-1"], "no_repeat_ngram_size must be 0 or more, got -1"),
        (["task.num_val_summaries=-1"], "num_val_summaries must be 0 or more, got -1"),
        (["task.label_smoothing=1"], "label_smoothing must lie in [0, 1), got 1"),
        (["task.clip_norm=0"], "clip_norm must be above 0, or null, got 0"),
        (
            ["task.min_length=33"],
            "min_length must lie between 0 and max_target_length 32, got 33 (set task.min_length or "
            "data.max_target_length)",
        ),
        (["task.monitor=val/bleu"], "monitor must be one of val/loss, val/perplexity, val/rouge1, "),
        (["task.monitor=val/rouge1"], "mode must be max for val/rouge1, got 'min' (set task.mode)"),
        (["task.mode=max"], "mode must be min for val/loss, got 'max' (set task.mode)"),
        (["task.monitor=val/rouge1", "task.num_val_summaries=0"], "got 'val/rouge1' (set task.monitor)"),
        (["model.coverage=true", "attention=linear"], "coverage needs an attention that takes a bias, got linear"),
        (
            ["data=bible_en_es"],
            "this data doesn't fit this task: data=bible_en_es is for task=translation, got task=summarization (set "
            "data to one of cnn_dailymail, csv, debian_synopsis, ",
        ),
        (["data=cnn_dailymail"], "CNN / Daily Mail must be in a folder of yours"),
        (["data.lead.count=0"], "count must be 1 or more, got 0 (set data.lead.count)"),
    ],
)
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], overrides: list[str], message: str) -> None:
    assert cli.main(["train", "task=summarization", "logger=none", "output_dir=run", *overrides]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1


def test_translation_refuses_documents(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "task=translation", "data=debian_synopsis", "output_dir=run"]) == 2
    assert (
        "data=debian_synopsis is for task=summarization, got task=translation (set data to one of bible_"
        in capsys.readouterr().err
    )


def test_rouge_chooses_only_where_a_reference_has_a_word(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.loads(line) for line in (corpus / "val.jsonl").read_text().splitlines()]
    blanks = ["!!", "", "..."]
    rows = [{**line, "short": blanks[number % 3]} for number, line in enumerate(lines)]
    (corpus / "val.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run(corpus, "output_dir=run", "task.monitor=val/rouge1", "task.mode=max") == 2
    err = capsys.readouterr().err
    assert (
        "error: val/rouge1 needs a reference with a letter or digit, got none in val (set task.monitor=val/loss" in err
    )
    assert not list(Path("run").glob("**/*.ckpt"))

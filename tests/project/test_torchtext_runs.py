"""Whole runs with torchtext's words, through the command: each text task trains, is scored, and is used alone."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import tiny
import tiny_tagging

from attnlab.commands import cli
from attnlab.runs import checkpoint

pytestmark = [
    pytest.mark.torchtext,
    # Lightning asks for workers and warns of its own internals; neither is about this code.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


def _metrics(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "metrics.json").read_text())
    return found


def _predicted(run: str, text: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert cli.main(["predict", run, text, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    "splitter, read, more",
    [
        ("basic_english", ["one", "cat", ",", "sesquipedalian"], ["attention=additive"]),
        ("null", ["one", "cat,", "sesquipedalian"], ["model=transformer", "data.joint_vocabulary=false"]),
    ],
)
def test_translation(
    splitter: str, read: list[str], more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tiny.write_corpus(tmp_path / "corpus")
    words = ["tokenizer=torchtext", f"tokenizer.splitter={splitter}", "tokenizer.vocab_size=10", "callbacks=none"]
    assert tiny.run(corpus, *words, *more, "output_dir=run") == 0
    metrics = _metrics("run")
    assert metrics["versions"]["torch"].startswith("2.3.1")
    assert metrics["test"]["bleu"] >= 0
    # Of 14 words in all, or 7 and 7.
    assert [metrics["data"][key] for key in ("source_vocab_size", "target_vocab_size")] == [10, 10]

    shutil.rmtree(corpus)
    shutil.rmtree("cache")
    codec = checkpoint.load(Path("run/checkpoints/best.ckpt"))["attnlab"]["codec"]["state"]
    source = set(codec["source_tokenizer"]["words"])
    target = set((codec["target_tokenizer"] or codec["source_tokenizer"])["words"])
    assert codec["source_tokenizer"]["family"] == "torchtext"
    assert len(source) == len(target) == 6
    prediction = _predicted("run", "one cat, sesquipedalian", capsys)
    expected = [word if word in source else "<unk>" for word in read]
    assert prediction["details"]["source_tokens"] == [*expected, "</s>"]
    assert set(prediction["output"].split()) <= {*target, "<unk>"}


def _write_documents(folder: Path) -> Path:
    folder.mkdir()
    draw = random.Random(7)
    for split, size in (("train", 61), ("val", 13), ("test", 7)):
        rows = []
        for _ in range(size):
            words = [draw.choice(list(tiny.WORDS)) for _ in range(draw.randint(3, 9))]
            rows.append({"document": " ".join(words) + ".", "summary": " ".join(words[-3:-1])})
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_summarization(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = _write_documents(tmp_path / "texts")
    overrides = [
        *("task=summarization", "attention=additive", "data=jsonl", f"data.root={corpus}", "callbacks=none"),
        *("data.batch_tokens=120", "data.max_source_length=17", "data.max_target_length=11", "data.cache_dir=cache"),
        *("tokenizer=torchtext", "tokenizer.vocab_size=9", "model.dim=12"),
        *("trainer.max_steps=8", "trainer.val_check_interval=4", "trainer.enable_progress_bar=false", "logger=none"),
    ]
    assert cli.main(["train", *overrides, "output_dir=run"]) == 0
    test = _metrics("run")["test"]
    assert 0 <= test["rouge1"] <= 1
    assert 0 < test["lead_rouge1"] <= 1
    shutil.rmtree(corpus)
    assert _predicted("run", "Cat one two: sesquipedalian.", capsys)["output"]


@pytest.mark.parametrize("model", ["ner_model", "bilstm_crf"])
def test_ner(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = tiny_tagging.write_corpus(tmp_path / "corpus")
    words = ["tokenizer=torchtext", f"model={model}", "optimizer.lr=0.01", "trainer.max_steps=90", "callbacks=none"]
    assert tiny_tagging.run(corpus, *words, "output_dir=run") == 0
    assert 0 <= _metrics("run")["test"]["f1"] <= 1
    shutil.rmtree(corpus)
    text = 'e\N{COMBINING ACUTE ACCENT} "Noah Webster" went to New York.'
    prediction = _predicted("run", text, capsys)
    assert prediction["input"] == text
    assert all(text[span["start"] : span["end"]] == span["text"] for span in prediction["output"])
    assert prediction["output"], "ninety updates find some name in a sentence of training's words"


def test_a_vocabulary_without_words_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "task=ner", "tokenizer=torchtext", "tokenizer.vocab_size=3"]) == 2
    assert "vocab_size must be 5 or more" in capsys.readouterr().err


@pytest.mark.parametrize("override", ["trainer.fp32_precision=ieee", "trainer=fsdp"])
def test_what_this_torch_lacks_is_refused_in_one_line(override: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", override, "trainer.accelerator=cpu"]) == 2
    said = capsys.readouterr().err
    assert ", got 2.3.1" in said
    assert said.count("\n") == 1

"""Named entity recognition, through the command and the shipped configuration, on a corpus of a few sentences."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from fork_server import ForkServer
from lightning.pytorch import Trainer
from records_agree import assert_records_agree
from same_run import assert_in_mid_pass, assert_same_run, curves
from tiny_tagging import SIZES, run, tiny, write_corpus

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


def _is_iob2(labels: list[str]) -> bool:
    pairs = zip(["O", *labels], labels, strict=False)
    return all(not here.startswith("I-") or before[1:] == here[1:] for before, here in pairs)


@pytest.mark.text
def test_a_run_leaves_everything_and_its_checkpoint_stands_alone(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "output_dir=run", "trainer.max_steps=90", "optimizer.lr=0.02", "model.dropout=0.0") == 0
    printed = capsys.readouterr().out
    for name in ("metrics.json", "predictions.jsonl", "metrics.csv", "confusion.png", "checkpoints/best.ckpt"):
        assert Path("run", name).is_file(), name
    assert "test f1 " in printed
    assert "test commonest_label_f1 " in printed
    assert re.search(r"target .*\[[\w ]+ (PER|LOC)\]", printed)
    assert list(Path("run/maps").glob("*attention.png"))

    metrics = _metrics("run")
    assert metrics["attention_slots"] == {"sentence": "scaled_dot"}
    overall = {"precision", "recall", "f1", "token_accuracy", "unseen_precision", "unseen_recall", "unseen_f1"}
    by_type = {f"{measure}_{kind}" for measure in ("precision", "recall", "f1") for kind in ("per", "loc")}
    assert set(metrics["test"]) == {"loss", *overall, *by_type, *(f"commonest_label_{name}" for name in overall)}
    assert all(0 <= value <= 1 for name, value in metrics["test"].items() if name != "loss")
    assert "mode:strict" in metrics["signatures"]["entities"]
    assert metrics["best"]["monitor"] == "val/f1"
    measured = [float(value) for _, metric, value in curves(Path("run")) if metric == "val/f1"]
    assert metrics["best"]["score"] == pytest.approx(max(measured))
    assert max(measured) > 0.5 > measured[0]  # it learns

    lines = [json.loads(line) for line in Path("run/predictions.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == list(range(SIZES["test"]))
    for line in lines:
        assert _is_iob2(line["details"]["labels"])
        for span in (*line["output"], *line["target"]):
            assert line["input"][span["start"] : span["end"]] == span["text"]
    assert_records_agree(Path("run"))
    records = Path("run/examples.jsonl").read_bytes()

    # Evaluating again, from the folder, gives the same scores, and leaves the run's records as they are.
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.pop("num_examples") > 0
    for key in ("of_examples", "warnings", "signatures"):
        del again[key]
    assert again == pytest.approx(metrics["test"], rel=1e-5)
    assert cli.main(["evaluate", "run"]) == 0
    assert re.search(r"^test commonest_label_token_accuracy +[\d.]+$", capsys.readouterr().out, re.MULTILINE)
    assert Path("run/examples.jsonl").read_bytes() == records

    # A test file alone is scored as it was, but for what needs training's.
    (tmp_path / "lone").mkdir()
    shutil.copy(corpus / "test.txt", tmp_path / "lone")
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true", f"data.root={tmp_path / 'lone'}"]) == 0
    alone = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert alone.pop("num_examples") == SIZES["test"]
    for key in ("of_examples", "warnings", "signatures"):
        del alone[key]
    assert alone == pytest.approx(
        {name: value for name, value in metrics["test"].items() if not re.match("commonest|unseen", name)}, rel=1e-5
    )

    # The best checkpoint alone, moved, with the corpus and the run gone, still finds names.
    shutil.copy("run/checkpoints/best.ckpt", tmp_path / "elsewhere.ckpt")
    shutil.rmtree("run")
    shutil.rmtree("cache")
    corpus.rename(tmp_path / "gone")
    assert cli.main(["predict", "elsewhere.ckpt", lines[0]["input"], "--json", "--map", "m.png"]) == 0
    [found] = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert found["output"] == lines[0]["output"]
    assert found["score"] == pytest.approx(lines[0]["score"], abs=2e-4)
    assert Path("m.png").read_bytes().startswith(b"\x89PNG")


def _only_o(path: Path) -> None:
    path.write_text(re.sub(r"\t\S+", "\tO", path.read_text()))


def test_validation_without_an_entity_cannot_choose_by_f1(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _only_o(corpus / "dev.txt")
    assert run(corpus, "output_dir=run") == 2
    assert (
        f"error: val/f1 can't choose the best checkpoint where val has no entity, got none in {SIZES['dev']} sentences "
        "(set data.root, or task.monitor=val/loss and task.mode=min)\n"
    ) in capsys.readouterr().err
    assert not list(Path("run/checkpoints").glob("*.ckpt"))


def test_batches_of_validation_without_an_entity_cannot_choose(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *others = (corpus / "dev.txt").read_text().split("\n\n")
    only_o = "\n\n".join(re.sub(r"\t\S+", "\tO", each) for each in others)
    (corpus / "dev.txt").write_text(f"{only_o}\n\n{head}\n{head}\n{head}\n")
    assert run(corpus, "output_dir=run", "trainer.limit_val_batches=1", "data.batch_tokens=8", "data.max_length=8") == 2
    assert re.search(
        r"error: val/f1 can't choose the best checkpoint where the batches of validation have no entity, got none in "
        r"\d+ of \d+ sentences \(set trainer.limit_val_batches, or task.monitor=val/loss and task.mode=min\)\n",
        capsys.readouterr().err,
    )


def test_without_an_entity_there_is_no_f1_and_a_warning_says_so(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("dev.txt", "test.txt"):
        _only_o(corpus / name)
    assert run(corpus, "output_dir=run", "task.monitor=val/loss", "task.mode=min", "trainer.max_steps=4") == 0
    metrics = _metrics("run")
    assert not [name for name in metrics["test"] if re.search("f1|recall", name)]
    assert {"token_accuracy", "commonest_label_token_accuracy"} < metrics["test"].keys()
    assert not [metric for _, metric, _ in curves(Path("run")) if metric == "val/f1"]
    message = f"no entity in {SIZES['test']} test sentences: precision, recall and F1 are left out"
    assert {"kind": "no_entity_to_find", "message": message} in metrics["warnings"]
    printed = capsys.readouterr()
    assert re.search(rf"warning: no entity to find +{re.escape(message)}", printed.out)


@pytest.mark.text
@pytest.mark.parametrize(
    "model", [["model=bilstm_crf", "model.direction=backward"], ["model=transformer_tagger", "attention=relative"]]
)
def test_the_other_models_train_and_predict(corpus: Path, capsys: pytest.CaptureFixture[str], model: list[str]) -> None:
    assert run(corpus, "output_dir=run", *model, "trainer.max_steps=40", "optimizer.lr=0.01") == 0
    losses = [float(value) for _, metric, value in curves(Path("run")) if metric == "val/loss"]
    assert losses[-1] < losses[0]
    assert cli.main(["predict", "run", "Ada went to Ur", "--json"]) == 0
    assert _is_iob2(json.loads(capsys.readouterr().out.splitlines()[-1])["details"]["labels"])


def _run_until(step: int, corpus: Path, *more: str) -> int:
    """As if the user had pressed Ctrl-C during update `step`."""

    def agreed(self: Checkpoints, trainer: Trainer) -> Wish:
        return Wish.STOP if trainer.global_step == step and not trainer.validating else Wish.GO_ON

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", agreed)
        return run(corpus, *more)


@pytest.mark.parametrize("model", [["model=ner_model"], ["model=bilstm_crf", "trainer.accumulate_grad_batches=2"]])
def test_an_interrupted_run_ends_with_the_same_bits(corpus: Path, model: list[str]) -> None:
    more = [*model, "optimizer.lr=0.01"]
    assert run(corpus, "output_dir=whole", *more) == 0
    for stop in (1, 5):
        assert _run_until(stop, corpus, "output_dir=parts", *more) == 130
        assert_in_mid_pass(Path("parts"))
    assert cli.main(["train", "resume=parts"]) == 0
    assert_same_run(Path("whole"), Path("parts"))


def test_sentences_beyond_the_models_length_are_scored_whole(corpus: Path) -> None:
    with (corpus / "test.txt").open("a") as file:
        file.write("Ada\tB-PER\n" * 31 + "\n")
    assert run(corpus, "output_dir=run", "data.max_length=7", "data.batch_tokens=11") == 0
    lines = [json.loads(line) for line in Path("run/predictions.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == list(range(SIZES["test"] + 1))
    assert len(lines[-1]["details"]["labels"]) == len(lines[-1]["target"]) == 31


def test_two_processes_score_as_one(
    server: ForkServer, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = tiny(corpus, "output_dir=run", "trainer.accelerator=cpu", "trainer.devices=2", "model=bilstm_crf")
    for attempt in server.start_two([*command, "trainer.strategy=ddp"], tmp_path):
        assert attempt.wait() == 0, (tmp_path / "output.txt").read_text()
    metrics = _metrics("run")
    assert metrics["devices"] == "2 x cpu"
    lines = Path("run/predictions.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(range(SIZES["test"]))
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.pop("num_examples") > 0
    for key in ("of_examples", "warnings", "signatures"):
        del again[key]
    assert again == pytest.approx(metrics["test"], rel=1e-5)


@pytest.mark.parametrize(
    "override, expected",
    [
        ("model.direction=sideways", "model.direction must be one of bidirectional, forward, backward"),
        ("model.dim=13", "set model.dim"),
        ("model.character_dim=-1", "set model.character_dim"),
        ("model.word_dropout=1.0", "set model.word_dropout"),
        ("task.clip_norm=0.0", "set task.clip_norm"),
        ("task.monitor=val/bleu", "monitor must be one of val/f1, val/precision, val/recall"),
        ("task.mode=up", "task.mode must be one of min, max"),
        ("task.mode=min", "mode must be max for val/f1, got 'min' (set task.mode)"),
        ("task.monitor=val/loss", "mode must be min for val/loss, got 'max' (set task.mode)"),
        ("model.crf=maybe", "crf"),
    ],
)
def test_a_value_out_of_range_is_found_before_any_data_is_read(
    capsys: pytest.CaptureFixture[str], override: str, expected: str
) -> None:
    """The corpus isn't in its folder, so anything that read it would complain of that instead."""
    model = "bilstm_crf" if "crf" in override else "ner_model"
    Path("nowhere").mkdir()
    assert run(Path("nowhere"), "output_dir=run", f"model={model}", override) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if "error: " in line]
    assert len(errors) == 1
    assert expected in errors[0]
    assert "nowhere" not in errors[0]

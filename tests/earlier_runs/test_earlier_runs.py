"""Runs keep their identity: what the code wrote before its modules moved is found, read and gone on with as it was."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from as_it_was import close, copied
from make_fixtures import EVALUATE, HERE, IMAGES, PREDICT, TAGGING, TRANSLATION, digest, environment, left_by

from attnlab.commands import cli
from attnlab.config import identity
from attnlab.config.compose import compose_run, load_group
from attnlab.runs import build, checkpoint
from attnlab.runs.instantiation import instantiate

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

HASHES = json.loads((HERE / "hashes.json").read_text(encoding="utf-8"))
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
COMMANDS = {"translation": TRANSLATION, "image_classification": IMAGES, "ner": TAGGING}
RUNS = {task: Path(each["run"]) for task, each in EXPECTED.items()}


@pytest.fixture(autouse=True)
def _results(monkeypatch: pytest.MonkeyPatch) -> None:
    """These runs have the first number, whatever today's is."""
    monkeypatch.setattr(identity, "RESULTS", 1)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder in which the runs were made, to work in."""
    return copied(HERE, tmp_path, monkeypatch)


def _later_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "RESULTS", 2)


@pytest.mark.parametrize("row", HASHES, ids=lambda row: row["run_path"].rpartition("/")[2])
def test_a_command_leads_to_the_folder_that_it_always_had(row: dict[str, Any]) -> None:
    assert compose_run(row["overrides"]).run_path == row["run_path"]


@pytest.mark.parametrize("row", HASHES[::8], ids=lambda row: row["run_path"].rpartition("/")[2])
def test_later_results_lead_to_another_folder(row: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    _later_results(monkeypatch)
    config = build.plain(compose_run(row["overrides"]))
    name = row["run_path"].rpartition("/")[2]
    assert Path(config["run_path"]).parent == Path(row["run_path"]).parent
    assert Path(config["run_path"]).name == identity.run_hash(config) != name
    assert identity.run_hash(config, results=1) == name


def _scores(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What `evaluate --json` has printed, without the number of examples, which is newer."""
    scores = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert scores.pop("num_examples") > 0
    for key in ("of_examples", "warnings", "signatures"):
        del scores[key]
    return dict(scores)


@pytest.mark.parametrize("task", PREDICT)
@pytest.mark.parametrize("results", [1, 2])
def test_a_checkpoint_predicts_and_scores_as_it_did(
    task: str, results: int, workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a later number, too."""
    monkeypatch.setattr(identity, "RESULTS", results)
    assert cli.main(["predict", str(RUNS[task]), *PREDICT[task]]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert close(lines, EXPECTED[task]["predict"])
    assert cli.main(["evaluate", str(RUNS[task]), *EVALUATE]) == 0
    assert close(_scores(capsys), EXPECTED[task]["evaluate"])


@pytest.mark.parametrize("task", PREDICT)
def test_the_same_command_reports_a_finished_run(
    task: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (RUNS[task] / "metrics.json").read_bytes()
    assert cli.main(["train", *COMMANDS[task]]) == 0
    printed = capsys.readouterr().out
    assert "this run is finished (fresh=true starts it anew)" in printed
    assert str(RUNS[task] / "metrics.json") in printed
    assert (RUNS[task] / "metrics.json").read_bytes() == before


def test_the_same_command_goes_on_to_the_same_bits(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On such a machine as it was begun on; on another, to the same scores within 1e-4."""
    expected, run = EXPECTED["ner"], RUNS["ner"]
    assert cli.main(["train", *TAGGING]) == 0
    assert "continuing at update 25 of 40" in capsys.readouterr().err
    assert [path.name for path in run.parent.iterdir()] == [run.name]
    found = left_by(run)
    assert close(found["test"], expected["test"])
    assert close(found["best"], expected["best"])
    assert found["steps"] == expected["steps"]
    if environment(run / "checkpoints" / "last.ckpt") == expected["environment"]:
        assert found["weights"] == expected["weights"]


def test_another_run_begins_with_its_weights(workplace: Path) -> None:
    run, frozen = RUNS["translation"], ["optimizer.lr=0.0", "optimizer.weight_decay=0.0", "trainer.max_steps=1"]
    assert cli.main(["train", *TRANSLATION, *frozen, f"init_from={run}", "output_dir=warm", "callbacks=none"]) == 0
    assert digest(Path("warm/checkpoints/last.ckpt")) == digest(run / "checkpoints" / "best.ckpt")


def test_its_classifier_still_compares_pictures(workplace: Path) -> None:
    node = load_group("extractor", "trained_classifier", [f"extractor.run={RUNS['image_classification']}"])
    extractor = instantiate(node, "extractor")
    extractor.load()
    pictures = torch.zeros(3, 1, 28, 28, dtype=torch.uint8)
    assert extractor.logits(extractor.features(pictures)).shape == (3, len(extractor.classes))


def _under_former_names(run: Path, names: dict[str, str]) -> None:
    """Rewrites a run's records, as a version would have left them in which classes had other names."""
    for path in (run / "config.json", run / "checkpoints" / "best.ckpt"):
        if path.suffix == ".json":
            text = path.read_text(encoding="utf-8")
        else:
            stored = torch.load(path, weights_only=True)
            text = stored[checkpoint.KEY]["config"]
        for now, before in names.items():
            assert now in text
            text = text.replace(now, before)
        if path.suffix == ".json":
            path.write_text(text, encoding="utf-8")
        else:
            stored[checkpoint.KEY]["config"] = text
            torch.save(stored, path)


FORMER = {
    "attnlab.models.AttentionSeq2Seq": "attnlab.former.Net",
    "attnlab.data.ParallelText": "attnlab.former.corpora.ParallelText",
}


def test_a_run_recorded_under_former_names_is_the_same(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RUNS["translation"]
    _under_former_names(run, FORMER)
    again = ["train", *TRANSLATION, f"output_dir={run}"]
    assert cli.main(["predict", str(run), *PREDICT["translation"]]) == 2
    assert "would run 'attnlab.former.Net', which is not part of attnlab" in capsys.readouterr().err
    assert cli.main(again) == 2
    assert "holds a run of another config" in capsys.readouterr().err

    monkeypatch.setattr(identity, "RENAMED", identity.RENAMED | FORMER)
    assert cli.main(["predict", str(run), *PREDICT["translation"]]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert close(lines, EXPECTED["translation"]["predict"])
    assert cli.main(["evaluate", str(run), *EVALUATE]) == 0
    assert close(_scores(capsys), EXPECTED["translation"]["evaluate"])
    assert cli.main(again) == 0
    assert "this run is finished" in capsys.readouterr().out
    monkeypatch.setenv("LOCAL_RANK", "1")  # as a further process of the run
    assert cli.main(["train", "--job", str(run)]) == 0
    assert "this run is finished" in capsys.readouterr().out


def test_a_name_that_maps_to_what_is_not_allowed_is_refused(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RUNS["translation"]
    monkeypatch.setattr(identity, "RENAMED", {"os.system": "attnlab.models.AttentionSeq2Seq"})
    assert cli.main(["predict", str(run), *PREDICT["translation"]]) == 2
    assert "would run 'os.system'" in capsys.readouterr().err


def test_later_results_begin_a_run_of_their_own_and_name_the_earlier_one(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _later_results(monkeypatch)
    earlier = RUNS["ner"]
    before = {path: path.read_bytes() for path in earlier.rglob("*") if path.is_file()}
    assert cli.main(["train", *TAGGING]) == 0
    said = f"a new run, of results 2; {earlier} is the same run of results 1"
    assert said in capsys.readouterr().err
    (new,) = (path for path in earlier.parent.iterdir() if path.name != earlier.name)
    for name in ("metrics.json", "config.json"):
        assert json.loads((new / name).read_text())["results"] == 2
    assert checkpoint.load(new / "checkpoints" / "last.ckpt")[checkpoint.KEY]["results"] == 2
    assert {path: path.read_bytes() for path in earlier.rglob("*") if path.is_file()} == before
    assert cli.main(["train", *TAGGING]) == 0
    captured = capsys.readouterr()
    assert "this run is finished (fresh=true starts it anew)" in captured.out
    assert said not in captured.err


def test_an_unfinished_run_of_other_results_is_not_gone_on_with(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _later_results(monkeypatch)
    run = RUNS["ner"]
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    for arguments, instead in (
        ([*TAGGING, f"output_dir={run}"], "(set output_dir, or fresh=true)"),
        ([f"resume={run}"], "(drop resume, and give the overrides of a new run)"),
    ):
        assert cli.main(["train", *arguments]) == 2
        error = f"error: {run} holds a run of results 1, and this version computes results 2 {instead}\n"
        assert capsys.readouterr().err == error
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before

    (run / "config.json").unlink()
    assert cli.main(["train", *TAGGING, f"output_dir={run}"]) == 2
    assert f"{run}/checkpoints/last.ckpt is a checkpoint of results 1, and this" in capsys.readouterr().err


def test_a_finished_run_of_other_results_is_reported_with_its_own_number(
    workplace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _later_results(monkeypatch)
    run = RUNS["translation"]
    before = (run / "metrics.json").read_bytes()
    assert cli.main(["train", *TRANSLATION, f"output_dir={run}"]) == 0
    printed = capsys.readouterr().out
    assert (
        "this run is finished, with results 1; this version computes results 2 (fresh=true starts it anew)" in printed
    )
    assert (run / "metrics.json").read_bytes() == before
    assert cli.main(["train", f"resume={run}"]) == 0
    assert "computes results 2 (a larger trainer.max_steps makes it longer)" in capsys.readouterr().out
    assert cli.main(["train", *TRANSLATION, "seed=3", f"output_dir={run}"]) == 2
    assert "holds a run of another config: data.seed was 0, now 3" in capsys.readouterr().err

"""A run is diagnosed through the command, and what is found stands in its folder."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_tasks import build_tiny, config_of

from attnlab.attention import Look
from attnlab.commands import cli
from attnlab.errors import UserError
from attnlab.runs.diagnosis.diagnose import _whole, check_diagnosed
from attnlab.study.records import read_records

# Lightning asks for workers and warns of its own internals; neither is about this code.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

COMMON = [
    "data.cache_dir=cache",
    "trainer.max_steps=2",
    "trainer.val_check_interval=2",
    "trainer.checkpoint_interval=2",
    "trainer.precision=32-true",
    "trainer.accelerator=cpu",
    "trainer.enable_progress_bar=false",
    "logger=none",
    "callbacks=none",
    "output_dir=run",
]
TRANSLATION = [
    "data=synthetic_translation",
    *(f"data.corpus.{key}" for key in ("num_things=5", "num_attributes=3", "num_train=61", "num_val=7", "num_test=11")),
    "tokenizer.vocab_size=330",
    "model.dim=12",
]
NUM_TEST = 11


def _train(*overrides: str) -> None:
    assert cli.main(["train", *overrides, *COMMON]) == 0


def _diagnosed(capsys: pytest.CaptureFixture[str], *overrides: str) -> dict[str, Any]:
    capsys.readouterr()
    assert cli.main(["evaluate", "run", "--json", "--diagnose", *overrides]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["diagnosis"]
    return found


def test_a_run_has_its_diagnosis_beside_its_scores_and_the_test_is_as_without(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _train(*TRANSLATION, "attention=scaled_dot")
    found = _diagnosed(capsys)
    said = json.loads(Path("run/diagnostics.json").read_text())
    assert said.items() >= found.items()
    [place] = found["attention"]
    assert (place["path"], place["role"], len(place["heads"])) == ("cross_attention", "cross", 1)
    assert 0 < place["heads"][0]["relative_entropy"] <= 1
    assert found["num_examples"] == NUM_TEST
    assert {"alignment_share", "alignment_accuracy"} <= found["scores"].keys() <= {*found["scores"], "deletion"}
    assert found["known"]["chance_share"] < found["known"]["chance_accuracy"] < 1
    assert found["deletion"]["num_flat"] < found["deletion"]["num_maps"]
    records = read_records(Path("run"))
    for name, score in found["scores"].items():
        assert records.scorer(name).leave_one_out()[0] == pytest.approx(score, rel=1e-9, abs=1e-9)
    before = Path("run/diagnostics.json").read_bytes(), Path("run/diagnostics.jsonl").read_bytes()
    again = _diagnosed(capsys, "data.batch_tokens=100")
    assert again["scores"] == pytest.approx(found["scores"], rel=1e-4, abs=1e-4)
    _diagnosed(capsys)
    assert before == (Path("run/diagnostics.json").read_bytes(), Path("run/diagnostics.jsonl").read_bytes())


def test_part_of_a_test_leaves_nothing_behind_and_even_attention_ranks_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _train(*TRANSLATION, "attention=uniform")
    found = _diagnosed(capsys, "trainer.limit_test_batches=1", "data.batch_tokens=60")
    assert found["num_examples"] < NUM_TEST
    assert not Path("run/diagnostics.json").exists()
    assert found["scores"]["deletion"] == 0
    assert found["deletion"]["why"].startswith("no ranking")
    known = found["known"]
    assert (known["share"], known["accuracy"]) == pytest.approx((known["chance_share"], known["chance_accuracy"]))


@pytest.mark.parametrize(
    "task, overrides, message",
    [
        ("image_classification", ["model=resnet"], "attention over keys can be diagnosed, got ResNet, which has none"),
        ("image_generation", [], "attention is diagnosed of models that answer examples, got "),
    ],
)
def test_what_cannot_be_diagnosed_is_said(task: str, overrides: list[str], message: str) -> None:
    with pytest.raises(UserError, match=f"{message}.*drop --diagnose"):
        check_diagnosed(build_tiny(task, config_of(task, *overrides)))


def test_a_decoder_that_reads_step_after_step_is_seen_as_one() -> None:
    def look(path: str, role: Any, queries: int) -> Look:
        return Look(path, role, torch.ones(2, 1, queries, 3), torch.ones(2, 1, queries, 3, dtype=torch.bool), None)

    steps = [look("cross", "cross", 1) for _ in range(4)]
    found = _whole([look("self", "self", 3), *steps])
    assert [(each.path, each.weights.size(2)) for each in found] == [("self", 3), ("cross", 4)]
    lines = [look("rows", "self", 3), look("rows", "self", 3)]
    assert len(_whole(lines)) == 2

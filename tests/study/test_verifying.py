"""A row is had again by its own code and data, and not by another's."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_study import tiny_study
from torch import Tensor

from attnlab.attention import AdditiveAttention
from attnlab.callbacks.first_losses import NAME
from attnlab.commands.study.verify_text import verified_lines
from attnlab.commands.train.command import train_one
from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.launch.ending import Ended
from attnlab.runs.rerun import Rerun
from attnlab.runs.surroundings import hardware
from attnlab.study import verifying
from attnlab.study.job_states import JobStates
from attnlab.study.plan import Job, Plan, planned
from attnlab.study.verifying import Verification, losses_on_record, row, verified

pytestmark = [
    pytest.mark.text,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Of two arms and two seeds, one of whose runs is finished and one of which failed."""
    found = planned(tiny_study(tmp_path_factory.mktemp("study")))
    train_one(list(job_of(found, "additive", 0).overrides))
    JobStates(found.folder).record(job_of(found, "additive", 1), Ended("diverged", error="the loss is nan"))
    return found


def job_of(plan: Plan, arm: str, seed: int) -> Job:
    return next(job for job in plan.jobs if (job.arm, job.seed) == (arm, seed))


def text_of(found: Verification) -> str:
    return "\n".join(verified_lines(found))


def test_a_row_is_had_again_to_the_last_bit(plan: Plan) -> None:
    found = verified(row(plan, "additive/0"))
    assert found.holds
    assert found.compared is not None
    assert (found.compared.rows, found.compared.by_update, found.compared.difference) == (8, True, 0.0)
    assert found.compared.elsewhere == ()
    assert all(check.holds for check in found.checks)
    text = text_of(found)
    assert "equal to the last bit (1e-06 is allowed on the same type of machine, with as many threads)" in text
    assert text.endswith("verified: this code and data give this run")


def test_a_row_whose_code_was_changed_is_not(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = AdditiveAttention.weights

    def changed(self: Any, *args: Any, **kwargs: Any) -> Tensor:
        return weights(self, *args, **kwargs).roll(1, dims=-1)

    monkeypatch.setattr(AdditiveAttention, "weights", changed)
    found = verified(row(plan, "additive/0"))
    assert not found.holds
    assert found.compared is not None
    assert found.compared.difference > 1e-6
    assert text_of(found).endswith("NOT verified: the losses aren't those on record")


OWN = """
from attnlab.attention import AdditiveAttention


class Own(AdditiveAttention):
    def weights(self, q, k, *, key_mask=None, bias=None):
        return super().weights(q, k, key_mask=key_mask, bias=bias){changed}
"""


def test_a_row_whose_own_file_was_edited_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "verified_own.py"
    module.write_text(OWN.format(changed=""))
    (tmp_path / "attention").mkdir()
    core = "core:\n  _target_: verified_own.Own\n  _partial_: true\n"
    (tmp_path / "attention" / "own.yaml").write_text(f"defaults: [_shell, _self_]\n{core}")
    monkeypatch.syspath_prepend(tmp_path)
    study = tiny_study(tmp_path, arms={"uniform": ["attention=uniform"], "own": ["attention=own"]}, seeds=1)
    found = planned(study, config_dirs=[str(tmp_path)])
    train_one(list(job_of(found, "own", 0).overrides), config_dirs=[str(tmp_path)])
    assert verified(row(found, "own/0")).holds
    module.write_text(OWN.format(changed=".roll(1, dims=-1)"))
    monkeypatch.delitem(sys.modules, "verified_own")  # as in the next process
    again = verified(row(found, "own/0"))
    assert not again.holds
    assert text_of(again).count("verified_own.py ") == 1 + 1  # in the receipt, and in the finding
    assert text_of(again).endswith("NOT verified: another verified_own.py than on record")
    (job_of(found, "own", 0).folder / "code.json").unlink()  # of an earlier version: the losses tell
    assert text_of(verified(row(found, "own/0"))).endswith("NOT verified: the losses aren't those on record")


def test_code_that_breaks_is_no_traceback(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Tensor:
        raise RuntimeError("shapes\ndon't fit")

    monkeypatch.setattr(AdditiveAttention, "weights", broken)
    found = verified(row(plan, "additive/0"))
    assert not found.holds
    assert "can't be trained again: shapes don't fit" in text_of(found)


def copied(plan: Plan, folder: Path) -> Job:
    """The finished run, elsewhere."""
    job = job_of(plan, "additive", 0)
    shutil.copytree(job.folder, folder)
    return replace(job, folder=folder)


def test_a_run_of_before_losses_were_kept_is_verified_by_its_log(plan: Plan, tmp_path: Path) -> None:
    job = copied(plan, tmp_path / "older")
    (job.folder / NAME).unlink()
    found = verified(job)
    assert found.holds
    assert found.compared is not None
    assert (found.compared.rows, found.compared.by_update) == (4, False)  # at updates 2, 4, 6 and 8
    assert "means in its log, older than records of each, at 4 updates" in text_of(found)
    (job.folder / "metrics.csv").unlink()
    with pytest.raises(UserError, match="verified by the losses of its first updates, got none in"):
        losses_on_record(job.folder)


def test_a_receipt_that_doesnt_hold_ends_it(plan: Plan, tmp_path: Path) -> None:
    job = copied(plan, tmp_path / "other")
    config = json.loads((job.folder / "config.json").read_text())
    config["optimizer"]["lr"] = 0.5
    (job.folder / "config.json").write_text(json.dumps(config))
    found = verified(job)
    assert not found.holds
    assert text_of(found).endswith("NOT verified: another configuration than on record")


def test_what_is_no_finished_row_is_one_line_with_the_choices(plan: Plan) -> None:
    for name, said in {
        "additve/0": "a row is ARM/SEED of the study, got 'additve/0' (did you mean additive/0?)",
        "additive/7": "a row is ARM/SEED of the study, got 'additive/7'",
        "additive/1": "got additive/1: it diverged: the loss is nan",
        "uniform/0": "got uniform/0: it isn't finished",
    }.items():
        with pytest.raises(UserError) as refusal:
            row(plan, name)
        assert said in str(refusal.value)
        assert "(set --verify; choose from additive/0)" in str(refusal.value)


# Without training


def compared(monkeypatch: pytest.MonkeyPatch, folder: Path, again: float, **record: Any) -> Verification:
    """A run of one update, whose loss was 2, and now is another."""
    import torch

    here = hardware(torch.device("cpu"))
    folder.mkdir()
    versions = {"torch": torch.__version__.split("+")[0]}
    metrics = {
        "results": identity.RESULTS,
        "seed": 0,
        "best": {"monitor": "val/loss", "score": 1.0},
        "test": {},
        "data": {"checksum": "ab"},
    }
    metrics |= {"hardware": here, "versions": versions, "precision": "32-true", "lock": "f" * 64}
    (folder / "metrics.json").write_text(json.dumps(metrics | record))
    (folder / "config.json").write_text("{}")
    (folder / NAME).write_text("step,metric,value\n1,loss,2.0\n")
    found = Rerun({1: {"loss": again}}, {}, 1, "ab", {"precision": "32-true"}, torch.device("cpu"))
    monkeypatch.setattr(verifying, "rerun", lambda config, updates: found)
    job = Job(arm="a", seed=0, overrides=(), config=verifying.run_folder.config_of(folder), folder=folder)
    return verified(job)


@pytest.mark.parametrize(
    "again, record, holds",
    [
        (2.000001, {}, True),
        (2.00001, {}, False),
        (2.001, {"hardware": {"cpu": "another", "device": "cpu"}}, True),
        (2.01, {"hardware": {"cpu": "another", "device": "cpu"}}, False),
        (2.001, {"versions": {"torch": "1.0"}}, True),
        (2.001, {"hardware": None}, True),
        (float("nan"), {}, False),
        (2.0, {"data": {"checksum": "cd"}}, False),
        (2.0, {"results": identity.RESULTS - 1}, False),
        (2.0, {"lock": "0" * 64, "git_commit": "c" * 40}, True),
    ],
)
def test_what_is_allowed_depends_on_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: float, record: dict[str, Any], holds: bool
) -> None:
    found = compared(monkeypatch, tmp_path / "run", again, **record)
    assert found.holds == holds
    text = text_of(found)
    if "hardware" in record:
        assert "0.001 is allowed elsewhere" in text
    if "lock" in record:
        assert "which alone decides nothing" in text


def test_a_loss_that_passes_through_0_counts_by_its_largest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again = Rerun({1: {"loss": 1.0}, 2: {"loss": 1e-9}}, {}, 2, "", {}, None)
    near = verifying._compared({1: {"loss": 1.0}, 2: {"loss": 0.0}}, True, again, [])
    assert near.difference == pytest.approx(1e-6)
    gone = verifying._compared({1: {"loss": 1.0, "other": 1.0}}, True, again, [])
    assert gone.difference == float("inf")

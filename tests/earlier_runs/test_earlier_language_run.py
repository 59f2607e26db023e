"""A language model's run of before, stopped in mid-pass: found, read and gone on with as it was."""

import json
from pathlib import Path

import pytest
from as_it_was import close, copied
from make_fixtures import EVALUATE, digest, environment, left_by
from make_language_fixtures import HERE, LANGUAGE, PREDICT, STOPPED_AFTER

from attnlab.commands import cli
from attnlab.config import identity
from attnlab.config.compose import compose_run

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
RUN = Path(EXPECTED["run"])


@pytest.fixture(autouse=True)
def _results(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the third number, whatever today's is."""
    monkeypatch.setattr(identity, "RESULTS", 3)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder in which the run was begun, to work in."""
    return copied(HERE, tmp_path, monkeypatch)


def test_its_command_leads_to_its_folder() -> None:
    assert compose_run(LANGUAGE).run_path == str(RUN.relative_to("outputs"))


def test_its_checkpoint_goes_on_with_texts_and_scores_as_it_did(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert digest(RUN / "checkpoints" / "best.ckpt") == EXPECTED["begun"]
    assert cli.main(["predict", str(RUN), *PREDICT]) == 0
    assert close([json.loads(line) for line in capsys.readouterr().out.splitlines()], EXPECTED["predict"])
    assert cli.main(["evaluate", str(RUN), *EVALUATE]) == 0
    assert close(json.loads(capsys.readouterr().out.splitlines()[-1]), EXPECTED["evaluate"])


def test_the_same_command_goes_on_to_the_same_bits(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On such a machine as it was begun on; on another, to the same scores but for rounding."""
    assert cli.main(["train", *LANGUAGE]) == 0
    assert f"continuing at update {STOPPED_AFTER} of 40" in capsys.readouterr().err
    assert [path.name for path in RUN.parent.iterdir()] == [RUN.name]
    found = left_by(RUN)
    assert close(found["test"], EXPECTED["test"])
    assert close(found["best"], EXPECTED["best"])
    assert found["steps"] == EXPECTED["steps"]
    if environment(RUN / "checkpoints" / "last.ckpt") == EXPECTED["environment"]:
        assert found["weights"] == EXPECTED["weights"]

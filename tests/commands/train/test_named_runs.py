"""A run that an override names by a short name is its folder before anything is composed."""

from pathlib import Path

import pytest

from attnlab.commands.train.named_runs import with_named_runs
from attnlab.config.compose import parse, sugar
from attnlab.errors import UserError


def _run(folder: str) -> None:
    Path(folder).mkdir(parents=True)
    Path(folder, "config.json").write_text("{}")


def test_short_names_become_folders_and_all_else_stays() -> None:
    _run("outputs/ner/a/3fa1")
    Path("weights.pth").write_text("")
    given = [
        "init_from=3f",
        "+resume=last",
        "extractor.run=last",
        "init_from=weights.pth",
        "init_from=null",
        "init_from=gone",
    ]
    folder = "outputs/ner/a/3fa1"
    assert with_named_runs(given) == [f"init_from={folder}", f"+resume={folder}", f"extractor.run={folder}", *given[3:]]
    assert with_named_runs(["init_from=/no/such", "init_from=a,b", "-m"]) == [
        "init_from=/no/such",
        "init_from=a,b",
        "-m",
    ]


def test_a_folder_of_any_name_reaches_hydra_as_it_is() -> None:
    for name in ("my runs, all = of 'them'", "1e5", "007"):
        _run(f"outputs/{name}/x/3fa1")
        [override] = with_named_runs(["init_from=3fa1"])
        assert parse([sugar(override)])[0].value() == f"outputs/{name}/x/3fa1"
        Path(f"outputs/{name}/x/3fa1/config.json").unlink()


def test_the_last_run_is_not_looked_for_by_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    _run("outputs/ner/a/3fa1")
    monkeypatch.setattr("attnlab.launch.place.num_processes", lambda: 2)
    with pytest.raises(UserError, match="each of 2 processes would look for the last run itself, got init_from=last"):
        with_named_runs(["init_from=last"])
    assert with_named_runs(["init_from=3f"]) == ["init_from=outputs/ner/a/3fa1"]

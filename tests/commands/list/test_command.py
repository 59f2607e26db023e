"""`attnlab list`: every name that can be chosen, for people and for machines."""

import json
from pathlib import Path

import pytest

from attnlab.commands import cli
from attnlab.config import fitting

COMMITTED = fitting.read()


def _listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["list", *arguments]) == 0
    return capsys.readouterr().out


def test_list_for_machines_is_one_object_of_groups_and_grid(capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads(_listed(capsys, "--json"))
    assert content.keys() == {"groups", "grid"}
    assert content["grid"] == COMMITTED
    assert len(content["groups"]["attention"]) >= 28
    assert len(content["groups"]["feature_attention"]) >= 11
    assert list(content["groups"]["attention"]) == list(COMMITTED["attention"])
    assert list(content["groups"]["feature_attention"]) == list(COMMITTED["feature_attention"])
    assert json.loads(_listed(capsys, "grid", "--json")) == {"grid": COMMITTED}
    assert json.loads(_listed(capsys, "model", "--json")) == {"groups": {"model": content["groups"]["model"]}}


def test_list_fits_a_terminal_and_shows_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    text = _listed(capsys)
    assert max(map(len, text.splitlines())) <= 100
    for name in (*COMMITTED["attention"], *COMMITTED["feature_attention"]):
        assert f"\n  {name} " in text


def test_a_group_alone_has_no_grid(capsys: pytest.CaptureFixture[str]) -> None:
    text = _listed(capsys, "scheduler")
    assert text.startswith("scheduler\n  constant ")
    assert "grid" not in text
    assert "attention" not in text


def test_a_task_restricts_the_list_to_what_fits_it(capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads(_listed(capsys, "--task", "translation", "--json"))
    assert list(content["groups"]["task"]) == list(content["grid"]["cells"]) == ["translation"]
    assert list(content["groups"]["model"]) == list(COMMITTED["cells"]["translation"])
    assert cli.main(["list", "--task", "juggling"]) == 2
    assert "error: no such task, got 'juggling' (choose from " in capsys.readouterr().err


def test_configs_of_ones_own_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    mine = Path("mine/attention/zigzag.yaml")
    mine.parent.mkdir(parents=True)
    mine.write_text("# To and fro, as Zig et al. (2031) do,\n# and Zag. Then something else.\n_target_: mine.Zigzag\n")
    names = json.loads(_listed(capsys, "--config-dir", "mine", "--json"))["groups"]["attention"]
    assert names["zigzag"] == "To and fro, as Zig et al. (2031) do, and Zag."
    assert list(names) == sorted(names)
    text = _listed(capsys, "--config-dir", "mine")
    assert "not in the grid, being your own: zigzag (see attnlab check)" in text
    assert cli.main(["list", "--config-dir", "nowhere"]) == 2
    assert "error: no such folder, got nowhere (set --config-dir)" in capsys.readouterr().err

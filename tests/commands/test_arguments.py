"""What all commands read alike: runs by short names, folders of one's own, and which options there are."""

import argparse
from pathlib import Path

import pytest

from attnlab.commands import arguments, cli
from attnlab.errors import UserError


@pytest.fixture(autouse=True)
def _runs() -> None:
    for name in ("3fa1", "3fb2"):
        Path("outputs/ner/a", name).mkdir(parents=True)
        Path("outputs/ner/a", name, "config.json").write_text("{}")


def test_a_short_name_is_said_to_be_which_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert arguments.run_named("3fa") == "outputs/ner/a/3fa1"
    assert capsys.readouterr().err == "3fa is outputs/ner/a/3fa1\n"
    assert arguments.run_named("outputs/ner/a/3fa1") == "outputs/ner/a/3fa1"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "command",
    [
        ["predict", "{}", "a text"],
        ["evaluate", "{}"],
        ["view", "{}"],
        ["figures", "{}"],
        ["compare", "{}"],
        ["compare", "outputs", "--against", "{}"],
        ["train", "resume={}"],
        ["train", "init_from={}"],
        ["slurm-script", "init_from={}"],
    ],
)
def test_every_command_that_takes_a_run_knows_it_by_a_short_name(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([each.format("3f") for each in command]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: a run must be named alone, got 3f, which may be 3f")
    assert said.count("\n") == 1
    assert cli.main([each.format("fff") for each in command]) == 2
    where = Path("outputs").absolute()
    assert f"error: no such run folder or checkpoint, got fff (below {where} there are " in capsys.readouterr().err


def test_a_folder_with_runs_below_it_is_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["predict", "outputs", "a text"], ["evaluate", "outputs"], ["view", "outputs/ner"]):
        assert cli.main(command) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"error: one run is needed, got the folder {command[1]}, below which there are 3f")


def test_the_parser_of_a_command_is_caught_before_it_reads_anything() -> None:
    def command(given: list[str]) -> int:
        parser = arguments.parser("zig", "Zag.")
        parser.add_argument("--turns")
        parser.parse_intermixed_args(given)
        raise AssertionError("it went on")

    parser = arguments.parser_of(command)
    assert isinstance(parser, argparse.ArgumentParser)
    assert "--turns" in parser.format_help()
    assert arguments.parser_of(lambda given: 0) is None
    with pytest.raises(AssertionError, match="it went on"):
        command([])


def test_a_copy_of_ours_in_ones_own_folder_does_no_harm() -> None:
    from attnlab.config.conf_path import conf_dir

    mine = Path("mine/attention/additive.yaml")
    mine.parent.mkdir(parents=True)
    mine.write_bytes((conf_dir() / "attention" / "additive.yaml").read_bytes())
    arguments.check_config_dirs(["mine"])
    mine.write_text("other: 1\n")
    with pytest.raises(UserError, match=r"got mine/attention/additive.yaml by --config-dir \(rename the file\)"):
        arguments.check_config_dirs(["mine"])


def test_of_two_values_of_a_key_it_is_told_which_counts(capsys: pytest.CaptureFixture[str]) -> None:
    arguments.tell_what_is_given_twice(["seed=1", "attention=dot", "seed=1", "model.dim=8", "+model.dim=8", "seed"])
    assert capsys.readouterr().err == ""
    arguments.tell_what_is_given_twice(
        ["seed=1", "attention=dot", "seed=2", "attention@model.cross_attention=additive"]
    )
    assert capsys.readouterr().err == "seed is given twice: the last counts, seed=2, and seed=1 doesn't (drop one)\n"

"""Training's command line: Hydra's options by their long names, and overrides."""

from pathlib import Path

import pytest

from attnlab.commands.train.arguments import config_dirs, quoted, split, trusted
from attnlab.config.compose import parse
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "arguments, flags, overrides",
    [
        (["seed=1", "-m", "attention=dot,cosine"], ["--multirun"], ["seed=1", "attention=dot,cosine"]),
        (["-cd", "mine", "seed=1"], ["--config-dir=mine"], ["seed=1"]),
        (["--config-dir=mine", "-c", "job", "--resolve"], ["--config-dir=mine", "--cfg=job", "--resolve"], []),
        (["--info", "defaults", "seed=1"], ["--info=defaults"], ["seed=1"]),
        (["--info", "seed=1"], ["--info"], ["seed=1"]),
        (["--config-dir", "-odd"], ["--config-dir=-odd"], []),
        ([], [], []),
    ],
)
def test_options_are_told_from_overrides(arguments: list[str], flags: list[str], overrides: list[str]) -> None:
    assert split(arguments) == (flags, overrides)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--nosuch"], "no such option of attnlab train, got '--nosuch' (see attnlab train --help)"),
        (
            ["-m", "--multi=3"],
            "no such option of attnlab train, got '--multi=3' (did you mean --multirun?) (see attnlab train --help)",
        ),
        (
            ["-m", "seed=1,2", "-c", "job"],
            "only one of --multirun and --cfg can be done, got both (drop -m, and give one value of each key) (see "
            "attnlab train --help)",
        ),
        (
            ["--info", "--cfg=job"],
            "only one of --info and --cfg can be done, got both (give one of them) (see attnlab train --help)",
        ),
        (["seed=1", "-cd"], "--config-dir needs a value: write --config-dir DIR (see attnlab train --help)"),
    ],
)
def test_an_option_that_there_is_not_or_without_its_value_is_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(UserError) as refused:
        split(arguments)
    assert str(refused.value) == message


def test_folders_of_the_users_own_must_be_there(tmp_path: Path) -> None:
    assert config_dirs(["--multirun", f"--config-dir={tmp_path}", "--cfg=job"]) == [str(tmp_path)]
    with pytest.raises(UserError, match=r"no such folder, got .*nowhere \(set --config-dir\)"):
        config_dirs([f"--config-dir={tmp_path}", f"--config-dir={tmp_path / 'nowhere'}"])


def test_trusted_packages_are_named_one_by_one() -> None:
    flags, overrides = split(["resume=run", "--trust", "mine", "--trust=ours"])
    assert (trusted(flags), overrides) == (["mine", "ours"], ["resume=run"])


def test_a_text_is_quoted_as_overrides_have_it() -> None:
    for text in ("a 'run'", "a\\b\\", "=", "~"):
        assert parse([f"output_dir={quoted(text)}"])[0].value() == text

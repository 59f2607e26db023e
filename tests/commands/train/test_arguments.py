"""Training's command line: Hydra's options by their long names, overrides, and what stands for an earlier run's."""

from pathlib import Path

import pytest

from attnlab.commands.train.arguments import HELP, config_dirs, resumed, split
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "arguments, flags, overrides",
    [
        (["seed=1", "-m", "attention=dot,cosine"], ["--multirun"], ["seed=1", "attention=dot,cosine"]),
        (["-cd", "mine", "seed=1"], ["--config-dir=mine"], ["seed=1"]),
        (["--config-dir=mine", "-c", "job", "--resolve"], ["--config-dir=mine", "--cfg=job", "--resolve"], []),
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
        (["-m", "--multi=3"], "no such option of attnlab train, got '--multi=3' (see attnlab train --help)"),
        (["seed=1", "-cd"], "--config-dir needs a value (see attnlab train --help)"),
    ],
)
def test_an_option_that_there_is_not_or_without_its_value_is_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(UserError) as refused:
        split(arguments)
    assert str(refused.value) == message


def test_help_names_what_can_be_given() -> None:
    for word in ("--multirun", "--config-dir", "--cfg", "resume=", "fresh=", "init_from=", "output_dir="):
        assert word in HELP


def test_folders_of_the_users_own_must_be_there(tmp_path: Path) -> None:
    assert config_dirs(["--multirun", f"--config-dir={tmp_path}", "--cfg=job"]) == [str(tmp_path)]
    with pytest.raises(UserError, match=r"no such folder, got .*nowhere \(set --config-dir\)"):
        config_dirs([f"--config-dir={tmp_path}", f"--config-dir={tmp_path / 'nowhere'}"])


def _run_folder(folder: Path, own: Path) -> Path:
    """As Hydra leaves it of a run that was started with a folder of the user's own."""
    (folder / ".hydra").mkdir(parents=True)
    (folder / ".hydra" / "overrides.yaml").write_text("- seed=3\n- output_dir=elsewhere\n- fresh=true\n- task=ner\n")
    sources = f"[{{provider: main, path: /conf}}, {{provider: command-line, path: {own}}}]"
    (folder / ".hydra" / "hydra.yaml").write_text(f"hydra: {{runtime: {{config_sources: {sources}}}}}\n")
    return folder


def test_to_resume_is_to_give_what_the_run_was_started_with_and_its_own_folder(tmp_path: Path) -> None:
    folder, own = _run_folder(tmp_path / "a 'run'", tmp_path / "own"), tmp_path / "own"
    flags, overrides = resumed(["--resolve"], [f"resume={folder}", "trainer.max_steps=7"])
    assert flags == ["--resolve", f"--config-dir={own}"]
    quoted = str(folder).replace("'", "\\'")
    assert overrides == ["seed=3", "task=ner", "trainer.max_steps=7", f"output_dir='{quoted}'"]


def test_without_resume_nothing_is_added() -> None:
    assert resumed(["--multirun"], ["seed=1,2"]) == (["--multirun"], ["seed=1,2"])


def test_where_there_is_no_run_nothing_is_resumed(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no run to resume, got .* \(expected .*overrides.yaml; set resume to a run's"):
        resumed([], [f"resume={tmp_path}"])

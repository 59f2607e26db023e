"""A run that was refused leaves nothing behind that would be taken for one to go on with."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from attnlab.commands.train.refused import no_folder_where_refused
from attnlab.errors import Fault, UserError
from attnlab.files import locked

FOLDER = Path("outputs/ner/a/1")


def _refused(*files: str, error: Exception | None = None) -> None:
    """A run that writes these files and ends so."""
    ended = UserError("no") if error is None else error
    with pytest.raises(type(ended)), no_folder_where_refused(FOLDER, root=Path("outputs")):
        _write(files, ended)


def _write(files: Sequence[str], ended: Exception) -> None:
    for name in files:
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).touch()
    raise ended


def test_its_folder_goes_with_those_above_that_it_was_alone_in() -> None:
    _refused("config.json", ".hydra/config.yaml", "train.log")
    assert not Path("outputs").exists()
    Path("outputs/ner/b").mkdir(parents=True)
    _refused("config.json")
    assert list(Path("outputs").rglob("*")) == [Path("outputs/ner"), Path("outputs/ner/b")]


def test_a_folder_stays_that_was_there() -> None:
    FOLDER.mkdir(parents=True)
    _refused("config.json")
    assert (FOLDER / "config.json").is_file()


def test_a_folder_stays_in_which_another_process_has_begun_the_same_run() -> None:
    with ExitStack() as other:
        with pytest.raises(UserError), no_folder_where_refused(FOLDER, root=Path("outputs")):
            _begin_and_refuse(other)
        assert (FOLDER / "config.json").is_file()


def _begin_and_refuse(other: ExitStack) -> None:
    other.enter_context(locked(FOLDER))
    _write(["config.json"], UserError("another process is training"))


@pytest.mark.parametrize(
    "name, error",
    [("checkpoints/last.ckpt", None), ("metrics.csv", None), ("config.json", Fault("gone")), ("train.log", OSError())],
)
def test_what_may_go_on_stays(name: str, error: Exception | None) -> None:
    _refused(name, error=error)
    assert (FOLDER / name).is_file()

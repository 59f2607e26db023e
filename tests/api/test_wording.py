"""Whoever works from Python reads of arguments, and of one error alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

import attnlab
from attnlab.api.wording import in_python, spoken
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "said, in_words",
    [
        ("which is not part of attnlab (if it is yours: --trust mine)", "(if it is yours: trust=['mine'])"),
        ("only packages of your own can be trusted, got os (drop --trust os)", "(drop 'os' from trust)"),
        ("nothing can be imported as 'a.b' (of --trust a)", "(of trust=['a'])"),
        ("here it is (add --config-dir my/configs)", "(add config_dirs=['my/configs'])"),
        ("no such folder, got x (set --config-dir)", "(set config_dirs)"),
        ("(write attention=near --config-dir mine)", "(write attention=near with config_dirs=['mine'])"),
        ("--config-dir is the folder above attention/ (set --config-dir mine)", "config_dirs names the folder above "),
        ("a file of your own needs --config-dir", "a file of your own needs config_dirs"),
        ("several values make a sweep, got 'seed=1,2' (add -m)", "(give one of them; a loop over attnlab.train makes "),
        ("texts are split (give predict --words)", "(give lists of words)"),
        ("no attention here (drop --ablate)", "(drop ablate)"),
        ("control must be one of a, b (set --control)", "(set control)"),
        ("a graph is a file (set --torch-export)", "(set torch_export)"),
        ("VALUE is needed (set --set window=3)", "(set window=3)"),
        ("--num must be 1 or more, got 0", "num must be 1 or more"),
    ],
)
def test_an_option_is_told_as_the_argument(said: str, in_words: str) -> None:
    assert in_words in spoken(said)
    assert "--" not in spoken(said)


def test_an_option_of_another_program_stays() -> None:
    said = "it needs a later torch (pip install --upgrade torch; see attnlab predict --help)"
    assert spoken(said) == said


def _fails() -> None:
    try:
        raise KeyError("folder")
    except KeyError as error:
        raise UserError("no such folder (set --config-dir)") from error


def test_an_error_is_alone() -> None:
    with pytest.raises(UserError, match=r"^no such folder \(set config_dirs\)$") as caught, in_python():
        _fails()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_file_that_cannot_be_had_is_told_like_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^can't read or write \S+nosuch: No such file") as caught, in_python():
        (tmp_path / "nosuch").read_text()
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(TypeError), in_python():  # a bug keeps its traceback
        Path(3)  # type: ignore[arg-type]


def test_a_model_that_has_diverged_is_told_like_a_mistake() -> None:
    with pytest.raises(UserError, match=r"^no numbers \(train it again with a lower optimizer.lr\)$"), in_python():
        raise FloatingPointError("no numbers")


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: attnlab.compose(["attention=nosuch"]), "a file of your own needs config_dirs"),
        (lambda: attnlab.compose(["seed=1,2"]), "a loop over attnlab.train"),
        (lambda: attnlab.compose(["attention=mine.Near"]), "attention=NAME with config_dirs=['DIR']"),
        (lambda: attnlab.load("nosuch"), "no such run folder or checkpoint, got nosuch"),
        (lambda: attnlab.load(3), "a run is named by a text or a path, got 3 (give its folder, its hash, or last)"),  # type: ignore[arg-type]
        (lambda: attnlab.load(""), "a run is named by a text or a path, got an empty one"),
        (
            lambda: attnlab.load("last", devise="cpu"),
            "load takes no 'devise' (did you mean device?) (drop devise); it takes",
        ),  # type: ignore[call-arg]
        (lambda: attnlab.load("last", device="gpu:1"), "got 'gpu:1' (did you mean cuda:1?) (set device)"),
        (lambda: attnlab.load("last", trust=[3]), "trust must be a list of packages, got 3 in it"),  # type: ignore[list-item]
        (
            lambda: attnlab.compose(seed=3),
            "compose takes no 'seed' (write 'seed=3', a text); it takes overrides, config",
        ),  # type: ignore[call-arg]
        (lambda: attnlab.compose(b"seed=3"), "an override must be a text KEY=VALUE, got b'seed=3'"),  # type: ignore[arg-type]
        (lambda: attnlab.compose("seed=3", config_dirs=None), "config_dirs must be a list of folders, got None"),  # type: ignore[arg-type]
        (lambda: attnlab.Run(), "Run needs folder (write folder=...)"),  # type: ignore[call-arg]
        (lambda: attnlab.Run("nosuch"), "no such run folder or checkpoint, got nosuch"),
    ],
)
def test_what_is_offered_speaks_so(call: Callable[[], object], said: str) -> None:
    with pytest.raises(UserError) as caught:
        call()
    assert said in str(caught.value)
    assert caught.value.__suppress_context__

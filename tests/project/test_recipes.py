"""CONTRIBUTING.md, followed to the letter in a copy of the checkout: what it says to write, and what to run."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from glob import glob
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from fork_server import ForkServer

ROOT = Path(__file__).parents[2]
# The most files that each touches by hand.
LIMITS = {
    "How to add a mechanism": 5,
    "How to add a mechanism on feature maps": 5,
    "How to add a data set": 4,
    "How to add a model": 5,
    "How to add a task": 15,
}
COPIED = ("src", "conf", "tests", "scripts", "benchmarks", "docs", "examples")
BIN = Path(sys.executable).parent
# Of all recipes at once, as these take long.
FOR_ALL = ("make format", "make grid docs")
MAKE = ["-o", ".venv/.dev-installed", f"BIN={BIN}", "TWO=-n 0"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (?P<path>[\w/.]+)(?:: add (?P<how>below|at the end))?\n")


class Addition(NamedTuple):
    """A file, or what is added to one."""

    path: str
    how: str | None
    text: str


class Recipe(NamedTuple):
    additions: list[Addition]
    commands: list[str]

    @property
    def copies_the_example(self) -> bool:
        return "cp -R examples/task/. ." in self.commands

    @property
    def touched(self) -> set[str]:
        """Paths."""
        example = ROOT / "examples" / "task"
        copied = [path for path in example.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        paths = {str(path.relative_to(example)) for path in copied} if self.copies_the_example else set()
        return paths | {addition.path for addition in self.additions}


@cache
def _recipe(heading: str) -> Recipe:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    recipe = Recipe([], [])
    for language, block in BLOCK.findall(section):
        if language == "console":
            recipe.commands.extend(re.findall(r"^\$ (.*)$", block, re.MULTILINE))
        else:
            first = FILE.match(block)
            assert first, f"a block doesn't say its file: {block[:40]!r}"
            recipe.additions.append(Addition(first["path"], first["how"], block[first.end() :]))
    return recipe


def _write(checkout: Path, addition: Addition) -> None:
    path = checkout / addition.path
    if addition.how is None:
        assert not path.exists(), addition.path
        path.write_text(addition.text, encoding="utf-8")
        return
    before = path.read_text(encoding="utf-8")
    text = before + addition.text if addition.how == "at the end" else _below(before, addition)
    path.write_text(text, encoding="utf-8")


def _below(text: str, addition: Addition) -> str:
    """Lines that are there say where the others go."""
    lines, place = text.splitlines(), -1
    for line in addition.text.splitlines():
        if line in lines[place + 1 :]:
            place = lines.index(line, place + 1)
        else:
            assert place >= 0, f"{addition.path} has no line {line!r}"
            place += 1
            lines.insert(place, line)
    return "\n".join(lines) + "\n"


class Workplace:
    """A copy of the checkout in which every recipe's files are, and a process that has imported its package."""

    def __init__(self, folder: Path, server: ForkServer) -> None:
        self.folder, self.server = folder, server

    def run(self, command: str) -> str:
        """What a command prints; it must succeed."""
        program, *arguments = shlex.split(command)
        if program == "attnlab":
            words = [found for word in arguments for found in (sorted(glob(word, root_dir=self.folder)) or [word])]
            return self.attnlab(words)
        if program == "make":
            command = shlex.join([program, *MAKE, *arguments])
        return _shell(command, self.folder)

    def attnlab(self, arguments: list[str], *, die_at_rename: int = 0) -> str:
        """What `attnlab` prints; it must succeed, unless it is to die."""
        output = self.folder / "output.txt"
        output.unlink(missing_ok=True)
        status = self.server.start(arguments, self.folder, die_at_rename=die_at_rename).wait()
        printed = output.read_text(encoding="utf-8")
        assert status == (-9 if die_at_rename else 0), printed[-3000:]
        return printed


def _shell(command: str, folder: Path) -> str:
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    checkout = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        shutil.copytree(ROOT / name, checkout / name)
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy2(path, checkout)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(checkout / "src"))
        patch.setenv("ATTNLAB_CACHE", str(checkout / "cache"))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        for recipe in map(_recipe, LIMITS):
            if recipe.copies_the_example:
                shutil.copytree(checkout / "examples" / "task", checkout, dirs_exist_ok=True)
            for addition in recipe.additions:
                _write(checkout, addition)
        with ForkServer() as server:
            place = Workplace(checkout, server)
            for command in FOR_ALL:
                place.run(command)
            yield place


def _followed(workplace: Workplace, heading: str) -> dict[str, str]:
    """What each of the recipe's commands prints."""
    commands = [each for each in _recipe(heading).commands if each not in FOR_ALL and not each.startswith("cp ")]
    assert commands
    return {" ".join(command.split()[:2]): workplace.run(command) for command in commands}


@pytest.mark.parametrize("heading", LIMITS)
def test_a_recipe_touches_few_files(heading: str) -> None:
    touched = _recipe(heading).touched
    assert len(touched) <= LIMITS[heading], sorted(touched)


def test_what_the_recipes_write_is_in_the_style_of_the_code(workplace: Workplace) -> None:
    workplace.run("make lint")
    written = [addition for recipe in map(_recipe, LIMITS) for addition in recipe.additions if addition.how is None]
    changed = [each.path for each in written if (workplace.folder / each.path).read_text(encoding="utf-8") != each.text]
    assert not changed, "what `make format` makes of them should stand in CONTRIBUTING.md"


def test_the_mechanism(workplace: Workplace) -> None:
    printed = _followed(workplace, "How to add a mechanism")
    assert "checks pass" in printed["attnlab check"]
    assert "passed" in printed["make test"]
    page = (workplace.folder / "docs/reference/squared_relu.md").read_text(encoding="utf-8")
    assert "Not yet measured." in page
    assert "`squared_relu`" in (workplace.folder / "README.md").read_text(encoding="utf-8")
    assert "`squared_relu`" in (workplace.folder / "README.zh.md").read_text(encoding="utf-8")
    assert "squared_relu" in workplace.attnlab(["list", "grid"])


def test_the_mechanism_on_feature_maps(workplace: Workplace) -> None:
    printed = _followed(workplace, "How to add a mechanism on feature maps")
    assert "checks pass" in printed["attnlab check"]
    assert "gather_excite" in workplace.attnlab(["list", "grid"])


def test_the_data_set(workplace: Workplace) -> None:
    printed = _followed(workplace, "How to add a data set")
    assert "test chrF" in printed["attnlab train"] or "test chrf" in printed["attnlab train"]
    assert "tab_pairs" in workplace.attnlab(["list", "data"])


def test_the_model(workplace: Workplace) -> None:
    printed = _followed(workplace, "How to add a model")
    assert "conv_mixer" in printed["attnlab list"]
    assert "conv_mixer" in workplace.attnlab(["list", "grid", "--all"])


def test_the_task(workplace: Workplace) -> None:
    printed = _followed(workplace, "How to add a task")
    assert "test accuracy" in printed["attnlab train"]
    assert "text_classifier" in printed["attnlab list"]
    assert "text_classification" in workplace.attnlab(["list", "task"])


def test_the_task_goes_on_where_it_was_killed(workplace: Workplace) -> None:
    (command,) = [each for each in _recipe("How to add a task").commands if each.startswith("attnlab train")]
    words = [*shlex.split(command)[1:], "trainer.checkpoint_interval=1", "trainer.precision=32-true", "logger=csv"]
    words[words.index("name=task")] = "name=killed"
    workplace.attnlab([*words, "output_root=whole"])
    workplace.attnlab([*words, "output_root=killed"], die_at_rename=3)
    workplace.attnlab([*words, "output_root=killed"])
    whole, again = (
        torch.load(next((workplace.folder / root).rglob("last.ckpt")), weights_only=True)["state_dict"]
        for root in ("whole", "killed")
    )
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_the_task_predicts_without_lightning(workplace: Workplace) -> None:
    code = (
        "import sys; from attnlab.commands.cli import main; from glob import glob;"
        "run, = glob('whole/text_classification/killed/*');"
        "assert main(['predict', run, 'n3 v1 n0 v0 n3']) == 0;"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('lightning', 'pytorch_lightning')]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workplace.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("v")

"""What loads what: quick answers stay quick, and each layer knows only those below it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import attnlab
from attnlab import data

PACKAGE = Path(attnlab.__file__).parent
HEAVY = ("torch", "lightning", "wandb", "torchvision", "numpy", "matplotlib")


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["--help"], 0),
        (["list"], 0),
        (["list", "grid"], 0),
        (["explain"], 0),
        (["list", "--json"], 0),
        (["list", "data", "conll"], 0),
        (["completion", "line", "attnlab predict --"], 0),
        (["predict", "nosuch", "text"], 2),
        (["evaluate", "nosuch"], 2),
        (["train", "--help"], 0),
        (["study", "--help"], 0),
        (["study", "nosuch", "--dry-run"], 2),
        (["compare", "--help"], 0),
        (["compare", "nosuch"], 2),
        (["view", "nosuch"], 2),
        (["data"], 0),
        (["data", "nosuch"], 2),
        (["data", "conll", "data.max_lenth=3"], 2),
        (["train", "model.dmi=3"], 2),
        (["train", "attention=nosuch"], 2),
        (["train", "trainer.max_steps=many"], 2),
        (["train", "-m", "seed=1,two"], 2),
        (["nosuch"], 2),
    ],
)
def test_quick_answers_load_nothing_heavy(arguments: list[str], status: int) -> None:
    code = (
        "import sys; from attnlab.commands.cli import main; status = main(sys.argv[1:]);"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules];"
        "assert not loaded, loaded; sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    if status:
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1


# Each folder, or module at the top, may import those before it, and itself. `reporting` comes so early because models
# hand out pictures.
LAYERS = (
    "errors",
    "language",
    "reading",
    "files",
    "processes",
    "config",
    "launch",
    "reporting",
    "attention",
    "feature_attention",
    "models",
    "data",
    "metrics",
    "tasks",
    "callbacks",
    "runs",
    "study",
    "commands",
    "api",
    "__main__",
)


def _layer(module: str) -> int:
    room = module.split(".")[1]
    assert room in LAYERS, f"{module} stands in no layer yet"
    return LAYERS.index(room)


def _imports(path: Path, *, at_runtime: bool = False) -> set[str]:
    tree, found = ast.parse(path.read_text(encoding="utf-8")), set[str]()
    if at_runtime:
        tree.body = [node for node in tree.body if ast.unparse(node).split("\n")[0] != "if TYPE_CHECKING:"]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("attnlab.") and name != "attnlab.__version__"}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_layer_imports_only_those_before_it(path: Path) -> None:
    module = ".".join(["attnlab", *path.relative_to(PACKAGE).with_suffix("").parts])
    if path == PACKAGE / "__init__.py":
        assert not _imports(path, at_runtime=True)
        return
    mine = _layer(module)
    later = sorted(name for name in _imports(path) if _layer(name) > mine)
    assert not later, f"{module} imports {later} of a later layer"


@pytest.mark.parametrize("part", ["attention", "feature_attention", "models"])
def test_mechanisms_and_models_need_torch_alone(part: str) -> None:
    for path in (PACKAGE / part).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not {name.split(".")[0] for name in names} & {"lightning", "hydra", "omegaconf", "wandb"}, path


# Given when asked for, so that what only predicts starts quickly.
DATA_MODULES = {name for name in data.__all__ if name.endswith("DataModule")}


def test_only_data_modules_bring_lightning() -> None:
    code = (
        "import sys, attnlab.data as data;"
        f"light = [getattr(data, name) for name in data.__all__ if name not in {DATA_MODULES!r}];"
        "early = [name for name in sys.modules if name.split('.')[0] in ('lightning', 'pytorch_lightning')];"
        "assert not early, early;"
        f"assert all(getattr(data, name).__name__ == name for name in {DATA_MODULES!r});"
        "assert 'lightning' in sys.modules;"
        "assert not hasattr(data, 'NoSuchDataModule')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_codecs_know_no_data_module() -> None:
    homes = {
        ".".join(["attnlab", *path.relative_to(PACKAGE).with_suffix("").parts])
        for path in (PACKAGE / "data").rglob("*.py")
        if "(DataModule)" in path.read_text(encoding="utf-8")
    }
    assert len(homes) == len(DATA_MODULES)
    codecs = list((PACKAGE / "data").rglob("*codec.py"))
    assert len(codecs) >= 5
    for path in codecs:
        assert not _imports(path) & (homes | {"attnlab.data.module"}), path

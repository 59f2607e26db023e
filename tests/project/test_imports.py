"""What loads what: quick answers stay quick, and each layer knows only those below it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import attnlab

PACKAGE = Path(attnlab.__file__).parent
HEAVY = ("torch", "lightning", "wandb", "torchvision", "numpy", "matplotlib")


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["--help"], 0),
        (["list"], 0),
        (["list", "grid"], 0),
        (["list", "--json"], 0),
        (["train", "--help"], 0),
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


# Each layer may import those before it, and itself.
LAYERS = (
    (
        "errors",
        "files",
        "arguments",
        "box_lines",
        "control_characters",
        "special_tokens",
        "reporting",
        "display_width",
        "entity_marks",
        "conf_path",
        "config",
        "compose",
        "run_folder",
        "score_text",
        "place",
        "stop",
        "requeue",
        "optuna_study",
        "sweep_overrides",
        "sweep",
        "slurm_script",
        "updates",
    ),
    ("attention", "feature_attention"),
    ("models", "decoding"),
    ("data", "metrics", "tasks"),
    ("checkpoint",),
    ("figures", "callbacks", "study", "reporting"),
    (
        "build",
        "sharding",
        "trainer",
        "record",
        "train",
        "evaluate",
        "entity_page",
        "predict",
        "predict_generation",
        "predict_images",
        "trained_classifier",
        "explain",
        "doctor",
        "train_command",
    ),
    ("grid_table", "catalogue", "grid", "check"),
    ("cli", "__main__"),
)


def _layer(module: str) -> int:
    part = module.split(".")[1] if "." in module else ""
    return next((number for number, names in enumerate(LAYERS) if part in names), -1)


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("attnlab.")}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_layer_imports_only_those_before_it(path: Path) -> None:
    module = ".".join(["attnlab", *path.relative_to(PACKAGE).with_suffix("").parts])
    if path == PACKAGE / "__init__.py":
        assert not _imports(path)
        return
    mine = _layer(module)
    assert mine >= 0, f"{module} has no layer yet"
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
DATA_MODULES = {
    "DetectionDataModule",
    "ImageClassificationDataModule",
    "ImageFolderDataModule",
    "SummarizationDataModule",
    "TaggingDataModule",
    "TranslationDataModule",
}


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


def _parts_of_data(path: Path) -> set[str]:
    return {name.removeprefix("attnlab.data.").split(".")[0] for name in _imports(path)}


def test_codecs_know_no_data_module() -> None:
    homes = {
        path.stem for path in (PACKAGE / "data").glob("*.py") if "(DataModule)" in path.read_text(encoding="utf-8")
    }
    assert len(homes) == len(DATA_MODULES)
    for path in (PACKAGE / "data").glob("*codec.py"):
        assert not _parts_of_data(path) & (homes | {"module"}), path

"""`attnlab predict` builds what answers, and nothing of training: Lightning, which is slow to import, stays away."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
import tiny_detection
import tiny_generation
import tiny_images_run
import tiny_language
import tiny_summaries
import tiny_tagging
from PIL import Image

from attnlab.commands import cli

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

SHORT = ("trainer.max_steps=2", "trainer.val_check_interval=2", "callbacks=none", "output_dir=run", "logger=none")
CODE = (
    "import sys; from attnlab.commands.cli import main; status = main(sys.argv[1:]);"
    "loaded = [name for name in sys.modules if name.split('.')[0] in ('lightning', 'pytorch_lightning')];"
    "assert not loaded, loaded; sys.exit(status)"
)


def _arguments(kind: str, folder: Path) -> tuple[list[str], list[str]]:
    """Of a run of this task, and of what is asked of it."""
    if kind == "translation":
        return tiny.tiny(tiny.write_corpus(folder), *SHORT), ["one two", "--json", "--map", "map.png"]
    if kind == "summarization":
        return tiny_summaries.tiny(tiny_summaries.write_corpus(folder)), ["one two cat", "--map", "map.png"]
    if kind == "language_modelling":
        return tiny_language.tiny(tiny_language.write_corpus(folder)), ["one tw", "--num", "2", "--map", "map.png"]
    if kind == "ner":
        return tiny_tagging.tiny(tiny_tagging.write_corpus(folder)), ["Ada went to Ur", "--html", "page.html"]
    images = tiny_images_run.write_extract(folder)
    Image.fromarray(np.zeros((30, 40), np.uint8)).save("picture.png")
    if kind == "image_classification":
        return tiny_images_run.tiny(images), ["picture.png", "--out", "out", "--map", "map.png"]
    if kind == "object_detection":
        return tiny_detection.tiny(images, "detr", "task.score_threshold=0"), ["picture.png", "--map", "map.png"]
    return tiny_generation.tiny_networks(images, "sagan"), ["--num", "3", "--map", "map.png"]


@pytest.mark.parametrize(
    "kind",
    [
        *["translation", "summarization", "language_modelling", "ner"],
        *["image_classification", "object_detection", "image_generation"],
    ],
)
def test_predicting_needs_no_lightning(kind: str, tmp_path: Path) -> None:
    train, asked = _arguments(kind, tmp_path / "data")
    assert cli.main(train if kind == "translation" else [*train, *SHORT]) == 0
    command = [sys.executable, "-c", CODE, "predict", "run", *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout

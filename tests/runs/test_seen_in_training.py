"""Images of a test that training had are counted by their bytes, whatever they are called."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from attnlab.runs import build
from attnlab.runs.seen_in_training import warn_of_seen


def _config(root: Path, cache: Path) -> dict[str, Any]:
    target = "attnlab.data.ImageFolderDataModule"
    return {"data": {"_target_": target, "root": str(root), "cache_dir": str(cache), "num_workers": 0}}


def _images(folder: Path, numbers: range) -> None:
    folder.mkdir(parents=True)
    for number in numbers:
        pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")


@pytest.mark.parametrize("packed", [False, True])
def test_images_of_training_are_counted_under_any_name(tmp_path: Path, packed: bool) -> None:
    for kind, first in (("cat", 0), ("dog", 20)):
        _images(tmp_path / "old" / "train" / kind, range(first, first + 5))
        _images(tmp_path / "old" / "val" / kind, range(first + 5, first + 7))
        _images(tmp_path / "old" / "test" / kind, range(first + 7, first + 9))
        _images(tmp_path / "new" / "test" / kind, range(first + 6, first + 10))  # one of val, three that aren't
        shutil.copytree(tmp_path / "old" / "train" / kind, tmp_path / "new" / "train" / kind)
    shutil.copy(tmp_path / "old/train/cat/1.png", tmp_path / "new/test/cat/other.png")
    root = Path(shutil.make_archive(str(tmp_path / "new"), "zip", tmp_path / "new")) if packed else tmp_path / "new"
    trained = _config(tmp_path / "old", tmp_path / "cache")
    data = build.build_data(_config(root, tmp_path / "cache"))
    data.prepare_data()
    before = len(data.warnings)
    warn_of_seen(data, trained)
    (said,) = data.warnings[before:]
    assert said["kind"] == "test_in_training"
    assert said["message"].startswith(f"3 of 9 images of test are in train or val of {tmp_path}/old, byte for byte")
    shutil.rmtree(tmp_path / "old")
    warn_of_seen(data, trained)
    assert len(data.warnings) == before + 1

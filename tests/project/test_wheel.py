"""The wheel alone, away from the checkout, holds the configuration and the data, and trains."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_carries_what_a_run_reads(unpacked: Path) -> None:
    package = unpacked / "attnlab"
    data, fonts = "data/bundled/bible_en_es.tsv.gz", "fonts/attnlab_cjk.ttf"
    weights = "metrics/bundled/fashion_mnist_cnn.pt"
    for name in ("py.typed", "conf/train.yaml", "config/grid.json", "requirements.lock", data, fonts, weights):
        assert (package / name).is_file(), name
    pages = {path.name for path in (ROOT / "src/attnlab/reporting/pages").iterdir() if path.is_file()}
    assert pages > {"entity_page.html.j2", "entity_page.css", "entity_page.js"}
    assert pages <= {path.name for path in (package / "reporting/pages").iterdir()}
    shipped = {str(path.relative_to(package / "conf")) for path in (package / "conf").rglob("*.yaml")}
    assert shipped == {str(path.relative_to(ROOT / "conf")) for path in (ROOT / "conf").rglob("*.yaml")}


def test_the_wheel_trains_outside_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(unpacked)!r}); from attnlab.commands.cli import main; sys.exit(main())"
    command = [sys.executable, "-I", "-c", code, "train", "experiment=translation_quickstart", "model.dim=16"]
    command += ["trainer.max_steps=2", "trainer.val_check_interval=2", "trainer.limit_val_batches=1"]
    command += ["trainer.limit_test_batches=1", "logger=csv", "output_dir=run", "data.cache_dir=cache"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "metrics.json").is_file()

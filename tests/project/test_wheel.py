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
    for name in (
        "py.typed",
        "conf/train.yaml",
        "conf/references.bib",
        "config/grid.json",
        "requirements.lock",
        data,
        fonts,
        weights,
    ):
        assert (package / name).is_file(), name
    pages = {path.name for path in (ROOT / "src/attnlab/reporting/pages").iterdir() if path.is_file()}
    assert pages > {"entity_page.html.j2", "entity_page.css", "entity_page.js"}
    assert pages <= {path.name for path in (package / "reporting/pages").iterdir()}
    shipped = {str(path.relative_to(package / "conf")) for path in (package / "conf").rglob("*.yaml")}
    assert shipped == {str(path.relative_to(ROOT / "conf")) for path in (ROOT / "conf").rglob("*.yaml")}


def test_the_wheel_carries_the_licence_of_all_that_is_bundled(unpacked: Path) -> None:
    licences = next(unpacked.glob("*.dist-info")) / "licenses"
    bundled = [
        path
        for part in ("data/bundled", "metrics/bundled", "fonts")
        for path in (unpacked / "attnlab" / part).iterdir()
    ]
    texts = {path.name: path.read_text(encoding="utf-8") for path in licences.rglob("*") if path.is_file()}
    works = [path.name for path in bundled if path.suffix not in (".md", ".txt", ".py")]
    assert {"attnlab_cjk.ttf", "fashion_mnist_small.npz", "fashion_mnist_cnn.pt", "bible_en_es.tsv.gz"} <= set(works)
    for work in works:
        assert any(work.partition(".")[0] in text and "licen" in text.lower() for text in texts.values()), work
    assert {"LICENSE", "LICENSE-APACHE-2.0.txt"} <= texts.keys()


def test_the_wheel_trains_outside_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(unpacked)!r}); from attnlab.commands.cli import main; sys.exit(main())"
    command = [sys.executable, "-I", "-c", code, "train", "experiment=translation_quickstart", "model.dim=16"]
    command += ["trainer.max_steps=2", "trainer.val_check_interval=2", "trainer.limit_val_batches=1"]
    command += ["trainer.limit_test_batches=1", "logger=csv", "output_dir=run", "data.cache_dir=cache"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "metrics.json").is_file()

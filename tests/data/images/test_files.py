"""What is found in folders and archives."""

import logging
import os
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from standard_data import standard
from tiny_images import CLASSES, write_folder, zipped

from attnlab.commands.predict.output import mark_predicted
from attnlab.data.classification.class_folders import labelled_splits
from attnlab.data.images.files import load_image, open_image_files
from attnlab.data.images.reading import BrokenImage, as_tensor
from attnlab.errors import UserError


def test_hidden_files_and_what_macos_adds_are_no_images(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 3)
    for name in (".DS_Store", "__MACOSX/circle/._00.png", "circle/.thumb.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    names = list(open_image_files(zipped(folder, tmp_path / "images.zip")).listing())
    assert names == [f"{label}/{number:02}.png" for label in sorted(CLASSES) for number in range(3)]


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "images", 2)
    names = open_image_files(folder).listing()
    (folder / "cross" / "loop").symlink_to(folder)
    (folder / "circle" / "to_stripe").symlink_to(folder / "stripe")
    (folder / "stripe" / "to_circle").symlink_to(folder / "circle")
    found = open_image_files(folder).listing()
    assert found == sorted(
        [*names, *(f"{way}/0{n}.png" for way in ("circle/to_stripe", "stripe/to_circle") for n in (0, 1))]
    )


def test_a_standard_archive_is_read_without_unpacking(tmp_path: Path) -> None:
    path = standard("cifar10_jpeg") / "cifar10_jpeg.zip"
    files = open_image_files(path)
    names = [name for name in files.listing() if name.endswith(".jpg")]
    splits = labelled_splits(names, val_share=0.1, test_share=0.1)
    assert {split: len(labelled) for split, labelled in splits.items()} == {
        "train": 45_000,
        "val": 5_000,
        "test": 10_000,
    }
    assert Counter(splits["val"].values()) == dict.fromkeys(set(splits["train"].values()), 500)
    assert as_tensor(load_image(files, "train/bird/0338.jpg", channels=3)).shape == (3, 32, 32)


@pytest.mark.parametrize("as_zip", [False, True])
def test_what_runs_wrote_is_no_data_and_is_named_once(
    tmp_path: Path, as_zip: bool, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_folder(tmp_path / "images", 2)
    before = open_image_files(folder).listing()
    run = folder / "outputs" / "task" / "name" / "0123456789"
    for name in ("config.json", "checkpoints/best.ckpt", "maps/1.png", "earlier/1/maps/1.png", ".hydra/config.yaml"):
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_bytes(b"x")
    for name in (
        "wandb/offline-run-1/files/1.png",
        "cache/image_scans/0/scan.json",
        "@eaDir/circle/thumb.jpg",
        ".cache/1.png",
    ):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(b"x")
    root = zipped(folder, tmp_path / "images.zip") if as_zip else folder
    with caplog.at_level(logging.WARNING):
        assert open_image_files(root).listing() == before
    assert caplog.messages == [f"left out of {root}, because runs wrote it (3 folders): cache, outputs, wandb"]
    assert open_image_files(root).contents().folders == sorted(CLASSES)
    with pytest.raises(
        UserError, match=r"a run's own folder is no data, got .* \(name a folder within it, or set data.r"
    ):
        open_image_files(run).listing()
    assert open_image_files(run / "maps").listing() == ["1.png"]


@pytest.mark.parametrize("as_zip", [False, True])
def test_what_predict_wrote_is_data_only_where_it_is_named(tmp_path: Path, as_zip: bool) -> None:
    folder = write_folder(tmp_path / "images", 2)
    before = open_image_files(folder).listing()
    made = folder / "generated"
    mark_predicted(made)
    (made / "grid.png").write_bytes(b"x")
    mark_predicted(folder)  # holds the user's files
    found = open_image_files(zipped(folder, tmp_path / "images.zip") if as_zip else folder).contents()
    assert found.files == before
    assert found.left_out is not None
    assert "generated" in found.left_out
    assert "grid.png" in open_image_files(made).listing()


def test_a_folder_of_the_users_may_be_named_as_outputs_are(tmp_path: Path) -> None:
    for name in ("outputs/1.png", "wandb/2.png", "checkpoints/3.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "outputs" / "config.json").write_text("{}")
    found = open_image_files(tmp_path).contents()
    assert found.files == ["checkpoints/3.png", "outputs/1.png", "outputs/config.json", "wandb/2.png"]
    assert found.left_out is None


def test_pipes_devices_and_bombs_are_broken_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "large.png").write_bytes(bytes(3 << 20))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("large.png", bytes(3 << 20))
    monkeypatch.setenv("ATTNLAB_MAX_FILE_MIB", "2")
    for root, name, said in (
        (tmp_path, "pipe.png", "it is a pipe"),
        (tmp_path, "zero.png", "it is a device"),
        (tmp_path, "large.png", "it has more than 2 MiB"),
        (tmp_path / "a.zip", "large.png", "it unpacks to more than 2 MiB"),
    ):
        with pytest.raises(BrokenImage, match=said):
            open_image_files(root).read(name)


def test_links_that_multiply_and_folders_without_an_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnlab.data.images.files.MOST_FOLDERS", 500)
    for number in range(20):
        (tmp_path / str(number)).mkdir()
        for link in "ab":
            (tmp_path / str(number) / link).symlink_to(tmp_path / str(number + 1))
    with pytest.raises(UserError, match="images must lie in at most 500 folders"):
        open_image_files(tmp_path / "0").contents()
    with zipfile.ZipFile(tmp_path / "deep.zip", "w") as archive:
        archive.writestr("a/" * 30_000 + "b.png", b"")
    with pytest.raises(UserError, match="images must lie in at most 64 folders in each other"):
        open_image_files(tmp_path / "deep.zip").contents()

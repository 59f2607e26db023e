"""The bundled extract is what its page says; standard sets are read from their own files, and bad files are named."""

import gzip
import hashlib
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from standard_data import standard

import attnlab.data
from attnlab.data import Cifar10, FashionMnist, FashionMnistSmall
from attnlab.data.classification.sets import CIFAR_FILES, checksum
from attnlab.errors import UserError

FOLDER = Path(attnlab.data.__file__).parent / "bundled"
PAGE = (FOLDER / "fashion_mnist_small.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def original() -> Path:
    return standard("fashion_mnist")


def _read(source: Any, root: Path | None) -> Any:
    return source.read(root=root, cache_dir=Path("nowhere"))


def test_the_file_is_the_one_that_its_page_describes() -> None:
    compressed = (FOLDER / "fashion_mnist_small.npz").read_bytes()
    assert f"sha256 of `fashion_mnist_small.npz`: `{hashlib.sha256(compressed).hexdigest()}`" in PAGE
    assert len(compressed) < 11_000_000
    digest = hashlib.sha256()
    with np.load(FOLDER / "fashion_mnist_small.npz", allow_pickle=False) as stored:
        for name in sorted(stored.files):
            digest.update(f"{name} {stored[name].dtype} {stored[name].shape}\n".encode())
            digest.update(stored[name].tobytes())
    assert f"by name): `{digest.hexdigest()}`" in PAGE
    assert "MIT" in PAGE
    assert "Zalando SE" in PAGE


def test_the_extract_is_stratified_and_holds_the_whole_test_set() -> None:
    splits = _read(FashionMnistSmall(), None)
    for split, num in (("train", 12_000), ("test", 10_000)):
        images, labels, names = splits[split]
        assert images.shape == (num, 1, 28, 28)
        assert images.dtype == torch.uint8
        assert torch.bincount(labels).tolist() == [num // 10] * 10
        assert len(set(names)) == num
        assert f"| {split} | {num} | {num // 10} |" in PAGE


def test_the_extract_is_the_first_of_each_class_of_the_original(original: Path) -> None:
    small, whole = _read(FashionMnistSmall(), None), _read(FashionMnist(), original)
    assert (len(whole["train"].labels), len(whole["test"].labels)) == (60_000, 10_000)
    assert torch.equal(small["test"].images, whole["test"].images)
    assert torch.equal(small["test"].labels, whole["test"].labels)
    rows = torch.tensor([int(name.removeprefix("train/")) for name in small["train"].names])
    assert torch.equal(small["train"].images, whole["train"].images[rows])
    assert torch.equal(small["train"].labels, whole["train"].labels[rows])
    for label in range(10):
        own = torch.nonzero(whole["train"].labels == label).flatten()
        assert torch.equal(rows[small["train"].labels == label], own[:1200])


def test_the_original_is_read_from_torchvisions_folder_too(original: Path, tmp_path: Path) -> None:
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for path in original.glob("*.gz"):  # torchvision leaves the unpacked files beside the packed ones
        (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    assert checksum(_read(FashionMnist(), tmp_path)) == checksum(_read(FashionMnist(), original))


def test_a_checksum_follows_every_image_and_label() -> None:
    splits = {"train": _read(FashionMnistSmall(), None)["test"].take(torch.arange(5))}
    before = checksum(splits)
    splits["train"].labels[3] += 1
    after = checksum(splits)
    splits["train"].images[2, 0, 5, 5] += 1
    assert len({before, after, checksum(splits)}) == 3


def test_a_missing_or_damaged_extract_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no such file, got .*fashion_mnist_small.npz \(set data.root\)"):
        _read(FashionMnistSmall(), tmp_path)
    for content in (b"", b"PK\x03\x04 and no more", (FOLDER / "fashion_mnist_small.npz").read_bytes()[:100_000]):
        (tmp_path / "fashion_mnist_small.npz").write_bytes(content)
        with pytest.raises(UserError, match=r"this file is damaged, got .*fashion_mnist_small.npz: "):
            _read(FashionMnistSmall(), tmp_path)


def _idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def test_images_and_labels_that_differ_in_number_are_refused(tmp_path: Path) -> None:
    for stem in ("train", "t10k"):
        (tmp_path / f"{stem}-images-idx3-ubyte").write_bytes(_idx(np.zeros((3, 28, 28), np.uint8)))
        (tmp_path / f"{stem}-labels-idx1-ubyte").write_bytes(_idx(np.zeros(2, np.uint8)))
    with pytest.raises(UserError, match=r"train must have a 28 by 28 image for each label, got images \(3, 28, 28\)"):
        _read(FashionMnist(), tmp_path)


# CIFAR-10


def _write_cifar(folder: Path) -> dict[str, tuple[np.ndarray, list[int]]]:
    folder.mkdir(parents=True, exist_ok=True)
    random, written = np.random.default_rng(5), {}
    for name in (name for names in CIFAR_FILES.values() for name in names):
        data, labels = random.integers(0, 256, (3, 3072), dtype=np.uint8), random.integers(0, 10, 3).tolist()
        (folder / name).write_bytes(pickle.dumps({b"data": data, b"labels": labels, b"batch_label": b"x"}, protocol=4))
        written[name] = (data, labels)
    return written


@pytest.mark.parametrize("below", ["", "cifar-10-batches-py"])
def test_cifar_is_read_as_red_green_and_blue_planes(tmp_path: Path, below: str) -> None:
    written = _write_cifar(tmp_path / below)
    splits = _read(Cifar10(), tmp_path)
    assert splits["train"].images.shape == (15, 3, 32, 32)
    assert splits["test"].images.shape == (3, 3, 32, 32)
    data, labels = written["data_batch_2"]
    assert splits["train"].images[4].flatten().tolist() == data[1].tolist()
    assert splits["train"].labels[3:6].tolist() == labels
    assert splits["train"].names[4] == "train/00004"


class _Evil:
    def __reduce__(self) -> Any:
        return Path.write_text, (Path("evil"), "x")


@pytest.mark.parametrize(
    "content, message",
    [
        (pickle.dumps(_Evil()), "it would call pathlib"),
        (pickle.dumps(np.random.default_rng), "it would call numpy.random"),
        (pickle.dumps({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1]}, protocol=4), "2 images and 1 labels"),
        (b"", "EOFError"),
        (pickle.dumps({b"labels": [1]}), "data"),
    ],
)
def test_what_isnt_a_batch_of_cifar_is_named_and_runs_nothing(tmp_path: Path, content: bytes, message: str) -> None:
    _write_cifar(tmp_path)
    (tmp_path / "data_batch_3").write_bytes(content)
    with pytest.raises(UserError, match=f"isn't a batch file of CIFAR-10, got .*data_batch_3: .*{message}"):
        _read(Cifar10(), tmp_path)
    assert not Path("evil").exists()


def test_a_missing_batch_of_cifar_is_named(tmp_path: Path) -> None:
    _write_cifar(tmp_path)
    (tmp_path / "test_batch").unlink()
    with pytest.raises(UserError, match=r"no such file, got .*test_batch \(set data.root\)"):
        _read(Cifar10(), tmp_path)


@pytest.mark.parametrize("source, name", [(FashionMnist, "train-images-idx3-ubyte.gz"), (Cifar10, "cifar-10-python")])
def test_without_a_network_the_way_out_is_named(tmp_path: Path, source: Any, name: str) -> None:
    with pytest.raises(UserError, match=f"must be downloaded once, got no {name}.*set data.root=FOLDER"):
        source(address="http://127.0.0.1:9").read(root=None, cache_dir=tmp_path)

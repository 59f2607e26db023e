"""Labelled images of one size, small enough to lie in memory."""

import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from attnlab.data.files.arrays import read_npz, read_pickled_arrays
from attnlab.data.files.cached_folder import bundled, cached_folder
from attnlab.data.files.download import fetch_all
from attnlab.data.files.idx_files import read_idx
from attnlab.data.origin import Origin
from attnlab.errors import UserError, one_line

Bytes = NDArray[np.uint8]


class LabelledImages(NamedTuple):
    """One split, in the order in which it was published."""

    images: Tensor  # (N, C, H, W) uint8
    labels: Tensor  # (N,) int64
    names: list[str]

    def take(self, rows: Tensor) -> "LabelledImages":
        """Those rows, in that order."""
        return LabelledImages(self.images[rows], self.labels[rows], [self.names[row] for row in rows.tolist()])


class ImageSet(Protocol):
    """Where labelled images of one size come from."""

    classes: tuple[str, ...]
    channels: int
    height: int
    width: int

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, LabelledImages]:
        """The splits train and test; `root` is the user's folder (None: bundled, or downloaded below `cache_dir`).

        Raises:
            UserError: files are missing or damaged.
        """
        ...


def checksum(splits: Mapping[str, LabelledImages]) -> str:
    """The sha256 of all images and labels in order."""
    digest = hashlib.sha256()
    for name, split in sorted(splits.items()):
        digest.update(f"{name} {tuple(split.images.shape)}\n".encode())
        digest.update(split.images.numpy().tobytes())
        digest.update(split.labels.numpy().tobytes())
    return digest.hexdigest()


FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


class FashionMnistSmall:
    """The bundled set: 12,000 training images of Fashion-MNIST, 1,200 a class, and all 10,000 of its test images.

    Grey, 28 by 28, bright garments on black (Xiao et al., 2017; MIT licence).
    """

    origin = Origin.BUNDLED
    classes = FASHION_CLASSES
    channels, height, width = 1, 28, 28

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, LabelledImages]:
        path = bundled("fashion_mnist_small.npz") if root is None else root / "fashion_mnist_small.npz"
        try:
            arrays = read_npz(path)
            return {
                split: _labelled(arrays[f"{split}_images"], arrays[f"{split}_labels"], split, arrays[f"{split}_rows"])
                for split in ("train", "test")
            }
        except FileNotFoundError as error:
            raise UserError(f"no such file, got {path} (set data.root)") from error
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            raise UserError(f"this file is damaged, got {path}: {error} (set data.root)") from error


FASHION_ADDRESS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
FASHION_FILES = {"train": "train", "test": "t10k"}
FASHION_SHA256 = {
    "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    "train-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
    "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
    "t10k-labels-idx1-ubyte.gz": "80d721bd697308a0961a636ba718c3d6c1f9143b455070f6c2e8f9c0028a5343",
}


class FashionMnist:
    """Fashion-MNIST (Xiao et al., 2017; MIT licence): 60,000 and 10,000 images, grey, 28 by 28.

    Read from `data.root`, which holds the four IDX files, plain or gzipped, or torchvision's folder of them; or
    downloaded once.

    Args:
        address: where on the web the four .gz files lie.
    """

    origin = Origin.DOWNLOADED
    classes = FASHION_CLASSES
    channels, height, width = 1, 28, 28

    def __init__(self, *, address: str = FASHION_ADDRESS) -> None:
        self.address = address

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, LabelledImages]:
        folder = root or fetch_all("Fashion-MNIST", self.address, FASHION_SHA256, cache_dir / "fashion_mnist")
        if (folder / "FashionMNIST" / "raw").is_dir():  # as torchvision lays it out
            folder = folder / "FashionMNIST" / "raw"
        splits = {}
        for split, stem in FASHION_FILES.items():
            images = read_idx(folder / f"{stem}-images-idx3-ubyte", key="data.root")
            labels = read_idx(folder / f"{stem}-labels-idx1-ubyte", key="data.root")
            if images.shape != (len(labels), self.height, self.width):
                raise UserError(
                    f"{stem} must have a 28 by 28 image for each label, got images {images.shape} and "
                    f"{len(labels)} labels in {folder} (set data.root)"
                )
            splits[split] = _labelled(images[:, None], labels, split, np.arange(len(labels)))
        return splits


CIFAR_ADDRESS = "https://www.cs.toronto.edu/~kriz"
CIFAR_ARCHIVE = "cifar-10-python.tar.gz"
CIFAR_SHA256 = {CIFAR_ARCHIVE: "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"}
CIFAR_FOLDER = "cifar-10-batches-py"
CIFAR_FILES = {"train": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)}


class Cifar10:
    """CIFAR-10 (Krizhevsky, 2009): 50,000 and 10,000 photographs, RGB, 32 by 32.

    Read from `data.root`, which holds the six batch files, or torchvision's folder of them; or downloaded once.

    Args:
        address: where on the web cifar-10-python.tar.gz lies.
    """

    origin = Origin.DOWNLOADED
    classes = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    channels, height, width = 3, 32, 32

    def __init__(self, *, address: str = CIFAR_ADDRESS) -> None:
        self.address = address

    def read(self, *, root: Path | None, cache_dir: Path) -> dict[str, LabelledImages]:
        folder = self._download(cache_dir / "cifar10") if root is None else root
        if (folder / CIFAR_FOLDER).is_dir():
            folder = folder / CIFAR_FOLDER
        splits = {}
        for split, names in CIFAR_FILES.items():
            parts = [_read_cifar(folder / name) for name in names]
            images = np.concatenate([images for images, _ in parts])
            labels = np.concatenate([labels for _, labels in parts])
            splits[split] = _labelled(images, labels, split, np.arange(len(labels)))
        return splits

    def _download(self, folder: Path) -> Path:
        def unpack(draft: Path) -> None:
            fetch_all("CIFAR-10", self.address, CIFAR_SHA256, folder)
            with tarfile.open(folder / CIFAR_ARCHIVE) as opened:
                for name in (name for names in CIFAR_FILES.values() for name in names):
                    member = opened.extractfile(f"{CIFAR_FOLDER}/{name}")
                    assert member is not None  # the sha256 says so
                    (draft / name).write_bytes(member.read())

        return cached_folder(folder / "files", unpack)


def _read_cifar(path: Path) -> tuple[Bytes, Bytes]:
    """Images (N, 3, 32, 32) and labels (N,) of one batch file."""
    try:
        stored = read_pickled_arrays(path)
        images = np.asarray(stored[b"data"], np.uint8).reshape(-1, 3, 32, 32)
        labels = np.asarray(stored[b"labels"], np.uint8)
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images and {len(labels)} labels")
    except FileNotFoundError as error:
        raise UserError(f"no such file, got {path} (set data.root)") from error
    except Exception as error:  # a damaged pickle may raise anything
        said = (error.strerror if isinstance(error, OSError) else one_line(error)) or type(error).__name__
        raise UserError(f"this isn't a batch file of CIFAR-10, got {path}: {said} (set data.root)") from error
    return images, labels


def _labelled(images: Bytes, labels: Bytes, split: str, rows: Sequence[int] | NDArray[Any]) -> LabelledImages:
    names = [f"{split}/{int(row):05d}" for row in rows]
    return LabelledImages(torch.from_numpy(images.copy()), torch.from_numpy(labels.astype(np.int64)), names)

"""Build the bundled extract of Fashion-MNIST from its four IDX files.

    python scripts/build_fashion_mnist_small.py                 # downloads them (30 MB) into the cache
    python scripts/build_fashion_mnist_small.py --root FOLDER   # that holds them, by the names that torchvision uses

Writes src/attnlab/data/bundled/fashion_mnist_small.npz and fashion_mnist_small.md beside it. The same files give the
same arrays.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

from attnlab.data.classification.sets import FASHION_ADDRESS, FASHION_CLASSES, FASHION_SHA256, FashionMnist
from attnlab.data.files.cached_folder import default_cache_dir
from attnlab.data.loading.even_batches import take_turns

BUNDLED = Path(__file__).resolve().parents[1] / "src" / "attnlab" / "data" / "bundled"
NUM_TRAIN = 12_000


def build(root: Path | None) -> dict[str, np.ndarray]:
    """The extract's arrays: the first 1,200 training images of each class, in their order, and every test image."""
    splits = FashionMnist().read(root=root, cache_dir=default_cache_dir())
    arrays = {}
    for split, labelled in splits.items():
        images, labels = labelled.images.numpy(), labelled.labels.numpy()
        rows = take_turns(labels, NUM_TRAIN) if split == "train" else np.arange(len(labels))
        arrays |= {
            f"{split}_images": images[rows],
            f"{split}_labels": labels[rows].astype(np.uint8),
            f"{split}_rows": rows.astype(np.int32),
        }
    return arrays


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """A file that `np.load` reads, with nothing in it that changes from day to day."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy")  # dated 1980
            # Not LZMA, which would save a seventh and take three times as long to read.
            file.writestr(entry, content.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return archive.getvalue()


def content_sha256(arrays: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def page(arrays: dict[str, np.ndarray], compressed: bytes) -> str:
    files = "\n".join(f"  - `{name}`: `{sha256}`" for name, sha256 in FASHION_SHA256.items())
    classes = ", ".join(f"{number} {name}" for number, name in enumerate(FASHION_CLASSES))
    return f"""# fashion_mnist_small: a fifth of Fashion-MNIST's training images, and its whole test set

Arrays in `fashion_mnist_small.npz` (read by `numpy.load`): for `train` and `test` each `_images` (N, 1, 28, 28) uint8,
`_labels` (N,) uint8 and `_rows` (N,) int32, an image's place in the original file.

| Split | Images | A class |
|---|---|---|
| train | {len(arrays["train_labels"])} | {len(arrays["train_labels"]) // 10} |
| test | {len(arrays["test_labels"])} | {len(arrays["test_labels"]) // 10} |

- Source: Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017, https://github.com/zalandoresearch/fashion-mnist), the four IDX
  files that torchvision downloads from {FASHION_ADDRESS}, with these sha256:
{files}
- Licence: MIT, Copyright (c) 2017 Zalando SE, https://tech.zalando.com. The licence's text follows below.
- Training images: the first {len(arrays["train_labels"]) // 10} of each class, in their original order. Nothing is
  altered. The loader holds a validation split out of them; the test images are the standard ones, all of them.
- Classes: {classes}.
- Rebuild: `python scripts/build_fashion_mnist_small.py`. The same files give the same arrays.

sha256 of `fashion_mnist_small.npz`: `{hashlib.sha256(compressed).hexdigest()}`
sha256 of the arrays inside (name, type, shape and values of each, by name): `{content_sha256(arrays)}`

{LICENCE}"""


LICENCE = """## The MIT License (MIT)

Copyright © 2017 Zalando SE, https://tech.zalando.com

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the “Software”), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED “AS IS”, WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, help="a folder with the four files")
    arrays = build(parser.parse_args().root)
    compressed = packed(arrays)
    (BUNDLED / "fashion_mnist_small.npz").write_bytes(compressed)
    (BUNDLED / "fashion_mnist_small.md").write_text(page(arrays, compressed), encoding="utf-8")
    print(f"wrote {BUNDLED / 'fashion_mnist_small.npz'}: {len(compressed):,} bytes")


if __name__ == "__main__":
    main()

"""Build the bundled classifier of garments from a run that trained it.

    attnlab train task=image_classification model=resnet model.num_blocks=1 data=fashion_mnist ...    # the page has all
    python scripts/build_fashion_mnist_cnn.py RUN

Writes src/attnlab/metrics/bundled/fashion_mnist_cnn.pt and fashion_mnist_cnn.md beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import platform
from pathlib import Path
from typing import Any

import torch

from attnlab.data import FashionMnistSmall
from attnlab.metrics.extractors.frozen_classifier import FrozenClassifier
from attnlab.models import ResNet
from attnlab.runs import build, checkpoint

BUNDLED = Path(__file__).resolve().parents[1] / "src" / "attnlab" / "metrics" / "bundled"
COMMAND = """\
attnlab train task=image_classification model=resnet model.num_blocks=1 data=fashion_mnist data.max_shift=0 \\
  data.horizontal_flip=false optimizer.lr=4e-3 optimizer.weight_decay=0.05 scheduler.warmup_steps=200 \\
  scheduler.final_factor=0.0 trainer.max_steps=2800 trainer.val_check_interval=700 trainer.threads=1 \\
  trainer.precision=32-true"""


def right_of_each_class(classifier: FrozenClassifier) -> list[int]:
    """How many of the 1,000 test images of each class it names."""
    test = FashionMnistSmall().read(root=None, cache_dir=Path())["test"]
    found = classifier.logits(classifier.features(test.images)).argmax(dim=1)
    return torch.bincount(test.labels[found == test.labels], minlength=len(classifier.codec.classes)).tolist()


def page(config: dict[str, Any], classifier: FrozenClassifier, right: list[int], content: bytes) -> str:
    num = sum(each.numel() for each in classifier.net.parameters())
    dim, num_blocks, classes = config["model"]["dim"], config["model"]["num_blocks"], classifier.codec.classes
    rows = "\n".join(f"| {name} | {count / 1000:.3f} |" for name, count in zip(classes, right, strict=True))
    return f"""# fashion_mnist_cnn: the classifier in whose features generated garments are compared

A residual net of this project, `attnlab.models.ResNet` with `dim={dim}` and `num_blocks={num_blocks}`.
It has {num:,} parameters and {classifier.head.in_features} features, the means of its last map, and names
**{sum(right) / 10_000:.4f}** of Fashion-MNIST's 10,000 test images. Scores in its features are named after it
(`fid_fashion_mnist_cnn`), for they are not those of Inception, by which FIDs are published, and can be compared with
nothing but scores in the same features, of equally many samples.

- Trained on Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017; MIT licence, whose text is in
  `src/attnlab/data/bundled/fashion_mnist_small.md`): 55,000 of its 60,000 training images as they are, neither moved
  nor mirrored; the other 5,000, for validation, chose the checkpoint. The test images were not seen.
- On one CPU thread with torch {torch.__version__}, by

  ```console
  $ {COMMAND.replace(chr(10), chr(10) + "  ")}
  ```

- Rebuild: the command above, then `python scripts/build_fashion_mnist_cnn.py RUN`; the bits depend on the machine.
- Inside: `weights` (tensors, float32), `sizes` (of the net), `codec` (classes and normalisation) and `accuracy`;
  `torch.load(..., weights_only=True)` reads it.

| Class | Accuracy |
|---|---|
{rows}

sha256 of `fashion_mnist_cnn.pt`: `{hashlib.sha256(content).hexdigest()}`
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="the run's folder, or a checkpoint")
    config, predictor = build.restore_predictor(checkpoint.find(parser.parse_args().run))
    assert isinstance(predictor.model, ResNet)
    classifier = FrozenClassifier(predictor.model, predictor.codec)
    right = right_of_each_class(classifier)
    stored = {
        "weights": {name: value.contiguous().clone() for name, value in predictor.model.state_dict().items()},
        "sizes": {key: config["model"][key] for key in ("dim", "num_blocks")},
        "codec": predictor.codec.state(),
        "accuracy": sum(right) / 10_000,
    }
    file = io.BytesIO()
    torch.save(stored, file)
    (BUNDLED / "fashion_mnist_cnn.pt").write_bytes(file.getvalue())
    text = page(config, classifier, right, file.getvalue())
    (BUNDLED / "fashion_mnist_cnn.md").write_text(text, encoding="utf-8")
    print(json.dumps({"accuracy": stored["accuracy"], "bytes": len(file.getvalue()), "machine": platform.machine()}))


if __name__ == "__main__":
    main()

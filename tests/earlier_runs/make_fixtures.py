"""Makes what stands beside it: runs as the code wrote them before any module moved.

It was run with the code of commit 901a603, whose modules had other names, and is kept to say how. A later version
would write other files: what is here stays as it is, so that tests see whether runs of that time still mean the same.

    python make_fixtures.py        writes hashes.json, expected.json and workplace/ beside itself
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ADAM = "optimizer.fused=true"  # which is the default or not by the version of torch

# Together they name every model, data set, optimizer, schedule, kind of trainer and recipe, and each mechanism once.
COMMANDS = [
    [ADAM],
    ["experiment=translation_quickstart", "seed=3", ADAM],
    ["experiment=summarization_quickstart", "attention=uniform", ADAM],
    ["experiment=ner_quickstart", "trainer=ddp_cpu", ADAM],
    ["experiment=image_classification_quickstart", "trainer.max_epochs=7", "trainer.precision=32-true", ADAM],
    ["experiment=object_detection_quickstart", "attention=alibi", "optimizer=sgd"],
    ["experiment=object_detection_bccd", "feature_attention=cbam", "data.root=folder", ADAM],
    ["experiment=image_generation_quickstart", "trainer=gpu", ADAM],
    [
        *["model=transformer", "attention=rotary", "attention@model.cross_attention=additive"],
        *["attention@model.encoder_attention=local", "attention@model.decoder_attention=talking_heads"],
        *["optimizer=adam", ADAM],
    ],
    [
        *[
            "model=transformer",
            "attention=linear",
            "attention@model.cross_attention=concat",
            "tokenizer.vocab_size=300",
        ],
        *["attention@model.encoder_attention=block_sparse", "attention@model.decoder_attention=t5_bias"],
        *["data=multi30k", "init_from=other/run", ADAM],
    ],
    [
        *["model=transformer", "attention=dot", "attention@model.cross_attention=entmax15", "scheduler=constant"],
        *["attention@model.encoder_attention=nystrom", "attention@model.decoder_attention=performer"],
        *["data=parallel_text", "data.root=corpus", "data.source=en", "data.target=es", "tokenizer=torchtext", ADAM],
    ],
    [
        *["model=transformer", "attention=relative", "attention@model.cross_attention=hard"],
        *["attention@model.encoder_attention=dilated", "attention@model.decoder_attention=synthesizer_dense"],
        *["scheduler=warmup_inverse_sqrt", "scheduler.warmup_steps=11", "trainer.accumulate_grad_batches=2", ADAM],
    ],
    [
        *["model=transformer", "attention=differential", "attention@model.cross_attention=location"],
        *["attention@model.encoder_attention=linformer", "attention@model.decoder_attention=latent"],
        *["trainer=ddp", "trainer.num_nodes=2", ADAM],
    ],
    ["model=seq2seq", "trainer=fsdp", "optimizer.lr=0.01", ADAM],
    ["task=summarization", "data=jsonl", "data.root=corpus", "attention=sparsemax", "optimizer=adam", ADAM],
    ["task=summarization", "data=scitldr", "attention=sigmoid", "model.dim=64", ADAM],
    ["task=summarization", "data=cnn_dailymail", "attention=cosine", "callbacks=none", ADAM],
    ["task=ner", "model=bilstm_crf", "attention=gaussian_kernel", "data=conll", "data.root=corpus", ADAM],
    ["task=ner", "model=transformer_tagger", "attention=position_only", "data=wnut17", ADAM],
    ["task=ner", "attention=identity", "data=jsonl_spans", "data.root=corpus", "tokenizer.min_frequency=1", ADAM],
    ["task=ner", "attention=kernel_boxcar", "seed=11", "task.monitor=val/loss", "task.mode=min", ADAM],
    ["task=image_classification", "model=resnet", "feature_attention=se", "data=cifar10", "data.root=images", ADAM],
    ["task=image_classification", "model=resnet", "feature_attention=axial", "attention=kernel_epanechnikov", ADAM],
    ["task=image_classification", "model=vit", "attention=random_frozen", "data=fashion_mnist", ADAM],
    ["task=image_classification", "model=axial_resnet", "data=image_folder", "data.root=images", ADAM],
    ["task=image_classification", "model=torchvision_resnet", "feature_attention=triplet", "trainer=mps", ADAM],
    ["task=object_detection", "model=detr", "attention=synthesizer_random", "data=voc", "data.root=images", ADAM],
    [
        "task=object_detection",
        "model=attention_object_detection",
        "attention=general",
        "data=coco",
        "data.root=images",
        ADAM,
    ],
    ["task=object_detection", "model=torchvision_detector", "feature_attention=bam", "data.batch_size=3", ADAM],
    ["task=image_generation", "model=dcgan", "feature_attention=simam", "adversarial_loss=non_saturating", ADAM],
    ["task=image_generation", "model=attention_gan", "extractor=trained_classifier", "extractor.run=other/run", ADAM],
    ["task=image_generation", "feature_attention=coordinate", "extractor=inception", ADAM],
    ["task=image_generation", "feature_attention=global_context", "extractor=torchvision_inception", ADAM],
]

COMMON = [
    *["data.cache_dir=cache", "trainer.log_every_n_steps=10", "trainer.precision=32-true", "trainer.accelerator=cpu"],
    *["trainer.threads=1", "trainer.enable_progress_bar=false", "logger=csv", "optimizer.fused=false"],
]
TRANSLATION = [
    *["data=parallel_text", "data.root=data/translation", "data.source=en", "data.target=es"],
    *["data.corpus.train_source=train.en", "data.corpus.train_target=train.es", "data.corpus.val_source=val.en"],
    *["data.corpus.val_target=val.es", "data.corpus.test_source=test.en", "data.corpus.test_target=test.es"],
    *["data.batch_tokens=120", "data.max_source_length=24", "data.max_target_length=24", "tokenizer.vocab_size=280"],
    *["model.dim=12", "attention=additive", "optimizer.lr=0.03", "scheduler.warmup_steps=5", "task.beam_size=2"],
    *["model.dropout=0.0", "trainer.max_steps=300", "trainer.val_check_interval=100", *COMMON],
]
IMAGES = [
    *["task=image_classification", "data.root=data/images", "data.num_val=10", "data.batch_size=13", "model.dim=8"],
    *["data.max_shift=0", "data.horizontal_flip=false", "optimizer.lr=0.02", "scheduler.warmup_steps=5"],
    *["trainer.max_steps=120", "trainer.val_check_interval=40", *COMMON],
]
TAGGING = [
    *["task=ner", "data=conll", "data.root=data/tagging", "data.batch_tokens=60", "data.max_length=24"],
    *["tokenizer.min_frequency=1", "model.dim=12", "optimizer.lr=0.02", "scheduler=warmup_inverse_sqrt"],
    *["scheduler.warmup_steps=5", "trainer.max_steps=40", "trainer.val_check_interval=12"],
    *["trainer.checkpoint_interval=7", "callbacks=none", *COMMON],
]
STOPPED_AFTER = 25

PREDICT = {
    "translation": ["one cat two dog", "five dog", "bird cat one", "--json"],
    "image_classification": ["data/images/one.png", "--json"],
}
EVALUATE = ["trainer.accelerator=cpu", "trainer.precision=32-true", "trainer.enable_progress_bar=false", "--json"]


def digest(path: Path) -> str:
    """Of the weights in a checkpoint, to the last bit."""
    import torch

    found = hashlib.sha256()
    for name, tensor in sorted(torch.load(path, map_location="cpu", weights_only=True)["state_dict"].items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.contiguous().numpy().tobytes())
    return found.hexdigest()


def environment(path: Path) -> dict[str, str]:
    """What the bits of a run depend on: what its checkpoint says, and the kind of processor."""
    import torch

    told: dict[str, str] = torch.load(path, map_location="cpu", weights_only=True)["environment"]
    cpu = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.*)$", cpu.read_text(), flags=re.MULTILINE) if cpu.exists() else []
    return {**told, "cpu": names[0] if names else ""}


def left_by(run: Path) -> dict[str, Any]:
    """What a finished run came to."""
    metrics = json.loads((run / "metrics.json").read_text())
    return {
        "weights": {name: digest(run / "checkpoints" / name) for name in ("last.ckpt", "best.ckpt")},
        **{key: metrics[key] for key in ("test", "best", "steps")},
    }


def _write_data(folder: Path) -> None:
    import random

    import numpy as np
    from PIL import Image

    draw = random.Random(7)
    words = {"one": "uno", "two": "dos", "five": "cinco", "cat": "gato", "dog": "perro", "bird": "pájaro"}
    names = {"PER": ["Ada", "Noah Webster", "Ruth"], "LOC": ["Ur", "New York", "Ai"]}
    (folder / "translation").mkdir(parents=True)
    (folder / "tagging").mkdir()
    for split, size in {"train": 61, "val": 13, "test": 7}.items():
        sentences = [[draw.choice(list(words)) for _ in range(draw.randint(1, 6))] for _ in range(size)]
        for code, lines in (("en", sentences), ("es", [[words[w] for w in s] for s in sentences])):
            text = "".join(" ".join(line) + "\n" for line in lines)
            (folder / "translation" / f"{split}.{code}").write_text(text, encoding="utf-8")
        lines = []
        for _ in range(size):
            for _ in range(draw.randint(1, 3)):
                kind = draw.choice(list(names))
                parts = draw.choice(names[kind]).split()
                lines += [f"{word}\t{'I' if place else 'B'}-{kind}" for place, word in enumerate(parts)]
                lines += [f"{draw.choice(['went', 'to', 'saw', 'with'])}\tO" for _ in range(draw.randint(0, 3))]
            lines.append("")
        (folder / "tagging" / f"{split}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "images").mkdir()
    noise, arrays = np.random.default_rng(7), {}
    for split, num in (("train", 50), ("test", 20)):
        labels = (np.arange(num) % 10).astype(np.uint8)
        images = noise.integers(0, 60, (num, 1, 28, 28), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[0, 2 * label : 2 * label + 6] += 150
        rows = np.arange(num, dtype=np.int32)
        arrays |= {f"{split}_images": images, f"{split}_labels": labels, f"{split}_rows": rows}
    np.savez_compressed(folder / "images" / "fashion_mnist_small.npz", **arrays)
    Image.fromarray(arrays["test_images"][3, 0]).save(folder / "images" / "one.png")


def _attnlab(folder: Path, *arguments: str, stop_after: int = 0) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; with `stop_after` a SIGINT reaches it after so many updates."""
    command = [sys.executable, str(Path(__file__).absolute()), "--command", str(stop_after), *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (130 if stop_after else 0), done.stderr
    return done


def _command(stop_after: int, arguments: list[str]) -> int:
    from attnlab import cli
    from attnlab.callbacks import Checkpoints

    if stop_after:
        after_batch = Checkpoints.on_train_batch_end

        def signalled(self: Any, trainer: Any, *more: Any) -> None:
            if trainer.global_step == stop_after:
                os.kill(os.getpid(), signal.SIGINT)
            after_batch(self, trainer, *more)

        Checkpoints.on_train_batch_end = signalled
    return cli.main(arguments)


def _run_of(folder: Path, task: str) -> Path:
    (found,) = (folder / "outputs" / task).glob("*/*")
    return found.relative_to(folder)


def _scrub(folder: Path, workplace: Path) -> None:
    """Records mustn't hold paths of the machine that made them."""
    from attnlab.conf_path import conf_dir

    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (".yaml", ".json", ".jsonl", ".log", ".csv"):
            text = path.read_text(encoding="utf-8")
            text = text.replace(str(conf_dir()), "conf").replace(str(workplace.resolve()), ".")
            path.write_text(text, encoding="utf-8")


def main() -> None:
    from attnlab.compose import compose_run

    hashes = [{"overrides": each, "run_path": str(compose_run(each).run_path)} for each in COMMANDS]
    rows = ",\n".join(json.dumps(each) for each in hashes)
    (HERE / "hashes.json").write_text(f"[\n{rows}\n]\n")
    with tempfile.TemporaryDirectory() as name:
        workplace = Path(name, "workplace")
        workplace.mkdir()
        _write_data(workplace / "data")
        expected: dict[str, Any] = {}
        for task, overrides in (("translation", TRANSLATION), ("image_classification", IMAGES)):
            _attnlab(workplace, "train", *overrides)
            run = _run_of(workplace, task)
            predicted = _attnlab(workplace, "predict", str(run), *PREDICT[task]).stdout.splitlines()
            scores = json.loads(_attnlab(workplace, "evaluate", str(run), *EVALUATE).stdout)
            expected[task] = {
                "run": str(run),
                "predict": [json.loads(line) for line in predicted],
                "evaluate": scores,
                **left_by(workplace / run),
            }
            shutil.rmtree(workplace / run / "maps", ignore_errors=True)
            for large in (*(workplace / run).glob("checkpoints/last*"), *(workplace / run).glob("*.png")):
                large.unlink()
        _attnlab(workplace, "train", *TAGGING, stop_after=STOPPED_AFTER)
        run = _run_of(workplace, "ner")
        shutil.rmtree(workplace / "cache")
        shutil.rmtree(HERE / "workplace", ignore_errors=True)
        shutil.copytree(workplace, HERE / "workplace")
        _scrub(HERE / "workplace", workplace)
        _attnlab(workplace, "train", *TAGGING)
        expected["ner"] = {
            "run": str(run),
            **left_by(workplace / run),
            "environment": environment(workplace / run / "checkpoints" / "last.ckpt"),
        }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--command"]:
        sys.exit(_command(int(sys.argv[2]), sys.argv[3:]))
    main()

"""A few documents with summaries and the overrides that train on them in seconds, through the command itself."""

import json
import random
from pathlib import Path

from attnlab.commands import cli

WORDS = ["one", "two", "three", "four", "five", "cat", "dog", "tree", "stone"]
SIZES = {"train": 61, "val": 13, "test": 7}


def write_corpus(folder: Path) -> Path:
    """Files of documents of some words, whose summary is the words before the last."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(7)
    for split, size in SIZES.items():
        rows = []
        for number in range(size):
            words = [draw.choice(WORDS) for _ in range(draw.randint(3, 9))]
            summaries = [" ".join(words[-3:-1]), " ".join(words[:1])][: 1 + number % 2]
            rows.append({"body": " ".join(words) + ".", "short": summaries, "key": f"{split}-{number}"})
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def tiny(root: Path, *more: str) -> list[str]:
    """`train` and its overrides for a run of eight updates."""
    return [
        "train",
        "task=summarization",
        "attention=additive",
        "data=jsonl",
        f"data.root={root}",
        "data.corpus.document=body",
        "data.corpus.summary=short",
        "data.corpus.id=key",
        "data.batch_tokens=120",
        "data.max_source_length=17",
        "data.max_target_length=11",
        "data.cache_dir=cache",
        "tokenizer.vocab_size=300",
        "model.dim=12",
        "optimizer.lr=0.01",
        "trainer.max_steps=8",
        "trainer.val_check_interval=4",
        "trainer.checkpoint_interval=3",
        "trainer.log_every_n_steps=2",
        "trainer.precision=32-true",
        "trainer.enable_progress_bar=false",
        "logger=csv",
        "task.beam_size=2",
        *more,
    ]


def run(root: Path, *more: str) -> int:
    """Run it in this process; the exit status."""
    return cli.main(tiny(root, *more))

"""A corpus of a few labelled sentences and the overrides that train on it in seconds, through the command itself."""

import random
from pathlib import Path

from attnlab.commands import cli

NAMES = {"PER": ["Ada", "Noah Webster", "Ruth"], "LOC": ["Ur", "New York", "Ai"]}
UNSEEN = {"PER": "Zeno", "LOC": "Old Sarum"}  # in test alone
WORDS = ["went", "to", "and", "saw", "in", "with"]
SIZES = {"train": 61, "dev": 13, "test": 7}


def write_corpus(folder: Path) -> Path:
    """Files train.txt, dev.txt and test.txt of two columns, IOB2."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(7)
    for split, size in SIZES.items():
        lines = []
        for number in range(size):
            for _ in range(draw.randint(1, 3)):
                kind = draw.choice(list(NAMES))
                new = split == "test" and number % 3 == 0
                name = (UNSEEN[kind] if new else draw.choice(NAMES[kind])).split()
                lines += [f"{word}\t{'I' if place else 'B'}-{kind}" for place, word in enumerate(name)]
                lines += [f"{draw.choice(WORDS)}\tO" for _ in range(draw.randint(0, 3))]
            lines.append("")
        (folder / f"{split}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def tiny(root: Path, *more: str) -> list[str]:
    """`train` and its overrides for a run of eight updates."""
    return [
        "train",
        "task=ner",
        "data=conll",
        f"data.root={root}",
        "data.batch_tokens=60",
        "data.max_length=24",
        "data.cache_dir=cache",
        "tokenizer.min_frequency=1",
        "model.dim=12",
        "trainer.max_steps=8",
        "trainer.val_check_interval=4",
        "trainer.checkpoint_interval=3",
        "trainer.log_every_n_steps=2",
        "trainer.precision=32-true",
        "trainer.enable_progress_bar=false",
        "logger=csv",
        *more,
    ]


def run(root: Path, *more: str) -> int:
    """Run it in this process; the exit status."""
    return cli.main(tiny(root, *more))

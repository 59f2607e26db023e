"""A little text and the overrides that train a language model on it in seconds, through the command itself."""

import random
from pathlib import Path

from attnlab.commands import cli

WORDS = ["one", "two", "three", "four", "five", "cat", "dog", "tree", "stone"]


def write_corpus(folder: Path) -> Path:
    """Files of lines of some words."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(7)
    for name, lines in {"a": 60, "b": 50}.items():
        text = "".join(" ".join(draw.choice(WORDS) for _ in range(draw.randint(3, 9))) + "\n" for _ in range(lines))
        (folder / f"{name}.txt").write_text(text)
    return folder


def tiny(root: Path, *more: str) -> list[str]:
    """`train` and its overrides for a run of eight updates."""
    return [
        "train",
        "task=language_modelling",
        "data=text_files",
        f"data.root={root}",
        "data.context_length=16",
        "data.batch_size=5",
        "data.cache_dir=cache",
        "tokenizer=letters",
        "model.dim=12",
        "model.num_heads=2",
        "model.num_layers=2",
        "model.feed_forward_dim=19",
        "optimizer.lr=0.01",
        "trainer.max_steps=8",
        "trainer.val_check_interval=4",
        "trainer.checkpoint_interval=3",
        "trainer.log_every_n_steps=2",
        "trainer.precision=32-true",
        "trainer.enable_progress_bar=false",
        "logger=csv",
        "task.num_samples=2",
        "task.max_tokens=7",
        *more,
    ]


def run(root: Path, *more: str) -> int:
    """Run it in this process; the exit status."""
    return cli.main(tiny(root, *more))

"""A corpus of a few sentences and the overrides that train on it in seconds, through the command itself."""

import random
from pathlib import Path

from attnlab.commands import cli

WORDS = {"one": "uno", "two": "dos", "three": "tres", "four": "cuatro", "five": "cinco", "cat": "gato", "dog": "perro"}
SIZES = {"train": 61, "val": 13, "test": 7}


def write_corpus(folder: Path) -> Path:
    """Files train.en, train.es, ... of sentences that translate word by word."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(7)
    for split, size in SIZES.items():
        sentences = [[draw.choice(list(WORDS)) for _ in range(draw.randint(1, 6))] for _ in range(size)]
        (folder / f"{split}.en").write_text("".join(" ".join(s) + "\n" for s in sentences))
        (folder / f"{split}.es").write_text("".join(" ".join(WORDS[w] for w in s) + "\n" for s in sentences))
    return folder


def tiny(root: Path, *more: str) -> list[str]:
    """`train` and its overrides for a run of eight updates."""
    # Curves take a third of a second to draw.
    drawn = [] if any(each.startswith("callbacks=") for each in more) else ["callbacks.learning_curves=null"]
    files = [f"data.corpus.{s}_{side}={s}.{code}" for s in SIZES for side, code in (("source", "en"), ("target", "es"))]
    return [
        "train",
        "data=parallel_text",
        f"data.root={root}",
        "data.source=en",
        "data.target=es",
        *files,
        "data.batch_tokens=120",
        "data.max_source_length=24",
        "data.max_target_length=24",
        "data.cache_dir=cache",
        "tokenizer.vocab_size=300",
        "model.dim=12",
        "trainer.max_steps=8",
        "trainer.val_check_interval=4",
        "trainer.checkpoint_interval=3",
        "trainer.log_every_n_steps=2",
        "trainer.precision=32-true",
        "trainer.enable_progress_bar=false",
        "logger=csv",
        "task.beam_size=2",
        *drawn,
        *more,
    ]


def run(root: Path, *more: str) -> int:
    """Run it in this process; the exit status."""
    return cli.main(tiny(root, *more))

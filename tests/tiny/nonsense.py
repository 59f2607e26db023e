"""Configurations with one value changed, often to nonsense: drawn by a seed from every key of every task's."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tiny
import tiny_detection
import tiny_generation
import tiny_images
import tiny_images_run
import tiny_language
import tiny_summaries
import tiny_tagging
from boxed_files import write_coco, write_voc
from omegaconf import OmegaConf

from attnlab.config.compose import compose_run, options

# One update, one batch of validation and of test.
SHORT = ["trainer.max_steps=1", "trainer.val_check_interval=1", "trainer.limit_val_batches=1"]
SHORT += ["trainer.limit_test_batches=1", "output_dir=run", "logger=csv"]
BARE = ["callbacks=none"]
TEXT_KEYS = ("name", "output_dir", "output_root")  # a folder may be called nan

VARIED = ("optimizer", "scheduler", "attention", "callbacks")
NUMBERS = ["-1", "0", "1", "0.5", "-0.5", "3", "1.5", "1000000000", "1e30", "-1e30", "1e-300", "nan", "inf", "-inf"]
NUMBERS += ["9223372036854775808", "1000000000000000000000000000000"]
TEXTS = [
    "''",
    "text",
    "../../x",
    "/",
    "'  '",
    "a/b",
    "'a\\nb'",
    "'\\x1b[31mred'",
    "${nosuch}",
    "${seed}",
    "字",
    "x" * 5000,
]
OTHERS = ["null", "true", "false", "[1]", "[]", "[nan]", "{}", "{a:1}", "[[1]]", "'1'"]


@dataclass(frozen=True)
class Case:
    """A change of one value of a configuration that trains without it."""

    base: str
    overrides: tuple[str, ...]
    key: str
    value: str

    @property
    def change(self) -> str:
        """The override itself."""
        if self.value == "~":
            return f"~{self.key}"
        return f"{self.key}={self.value}"

    @property
    def cannot_be_meant(self) -> bool:
        """Whether nobody can mean it, whatever the key is."""
        return self.value.strip("'") in ("nan", "[nan]") and self.key not in TEXT_KEYS


def write_all(folder: Path) -> Path:
    """What the configurations read."""
    tiny.write_corpus(folder / "translation")
    tiny_summaries.write_corpus(folder / "summarization")
    tiny_tagging.write_corpus(folder / "ner")
    tiny_language.write_corpus(folder / "language_modelling")
    tiny_images_run.write_extract(folder / "images")
    tiny_images.write_folder(folder / "folder")
    for name, write in (("voc", write_voc), ("coco", write_coco)):
        (folder / name).mkdir(parents=True)
        write(folder / name / "set")
    return folder


def bases(folder: Path) -> dict[str, list[str]]:
    """The overrides of configurations that train, each a task on some data, on what `write_all` wrote."""
    cache_dir = f"data.cache_dir={folder / 'cache'}"
    images, made = folder / "images", tiny_images_run.common()
    found = {
        "translation": tiny.tiny(folder / "translation", "callbacks=none", "tokenizer.vocab_size=300"),
        "summarization": tiny_summaries.tiny(folder / "summarization"),
        "ner": tiny_tagging.tiny(folder / "ner"),
        "language_modelling": tiny_language.tiny(folder / "language_modelling"),
        "image_classification": tiny_images_run.tiny(images),
        "image_generation": tiny_generation.tiny_networks(images, "sagan"),
        "object_detection": tiny_detection.tiny(images),
        "synthetic_translation": [
            "train",
            "data=synthetic_translation",
            "data.batch_tokens=120",
            "model.dim=12",
            *made,
        ],
        "synthetic_classification": [
            *["train", "task=image_classification", "data=synthetic_classification", "model.dim=8", *made],
        ],
        "image_folder": [
            *["train", "task=image_classification", "data=image_folder", f"data.root={folder / 'folder'}"],
            *["data.image_size=16", "data.num_workers=0", "model.dim=8", *made],
        ],
        "voc": tiny_detection.tiny_voc(folder / "voc" / "set", "attention_object_detection"),
    }
    return {
        name: [each for each in overrides[1:] if not each.startswith("callbacks.")] + [cache_dir, *SHORT, *BARE]
        for name, overrides in found.items()
    }


@cache
def keys_of(overrides: tuple[str, ...]) -> dict[str, Any]:
    """Every key of a configuration with its value, groups of values among them."""
    config = OmegaConf.to_container(compose_run(overrides))
    return dict(_leaves(config, ""))


def _leaves(node: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if not str(key).startswith("_"):
            yield f"{prefix}{key}", value
            if isinstance(value, dict):
                yield from _leaves(value, f"{prefix}{key}.")


@cache
def _options(group: str) -> list[str]:
    return options(group)


def draw(folder: Path, *, seed: int, varied_groups: Sequence[str] = VARIED) -> Iterator[Case]:
    """Cases without end, in some of which one of these groups isn't the default."""
    chance = random.Random(seed)
    known = bases(folder)
    while True:
        base = chance.choice(list(known))
        overrides = known[base]
        varied = chance.choice(["", "", *varied_groups])
        if varied == "callbacks":
            overrides = [each for each in overrides if each not in BARE] + ["callbacks=[default,early_stopping]"]
        elif varied and not any(each.startswith(f"{varied}=") for each in overrides):
            overrides = [*overrides, f"{varied}={chance.choice(_options(varied))}"]
        try:
            keys = keys_of(tuple(overrides))
        except Exception:  # a mechanism that goes nowhere in this model
            continue
        groups = sorted({key.split(".")[0] for key in keys})
        large = [each for each in ("data", "model", "task", "trainer", "tokenizer") if each in groups]
        group = chance.choice([*groups, *large, *([varied] if varied else [])])
        within = sorted(each for each in keys if each.split(".")[0] == group)
        leaves = [each for each in within if not isinstance(keys[each], dict)]
        key = chance.choice(leaves if leaves and chance.random() < 0.9 else within)
        yield Case(base, tuple(overrides), *_changed(key, keys[key], chance))


def _changed(key: str, default: Any, chance: random.Random) -> tuple[str, str]:
    """The key and the value of a change."""
    luck = chance.random()
    if luck < 0.03:
        return f"+{key}_more", "3"
    if luck < 0.05:
        return key, "~"
    if luck < 0.07:
        return f"{key}s", "3"
    number = isinstance(default, (int, float)) and not isinstance(default, bool)
    if number and luck < 0.3:
        return key, repr(chance.choice([default, type(default)(default * 2), type(default)(default / 2), -default]))
    values = (
        NUMBERS * (8 if number else 4 if default is None else 1)
        + TEXTS * (3 if isinstance(default, str) else 1)
        + OTHERS
    )
    if isinstance(default, list) and luck < 0.6:
        values = ["[]", "[nan]", "[-1]", "[0]", "[inf,inf]", f"[{','.join(['1'] * 50)}]", "[1.5]", "[text]", "[null]"]
    return key, chance.choice(values)

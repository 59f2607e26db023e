"""What can be chosen, read from the configuration's files: names, and what each says of itself first."""

from collections.abc import Sequence
from pathlib import Path

from attnlab.config.described import head_of

GROUPS = (
    "task", "model", "data", "attention", "feature_attention", "tokenizer", "extractor", "adversarial_loss",
    "optimizer", "scheduler", "trainer", "callbacks", "logger", "experiment", "study",
)  # fmt: skip
OF_HYDRA = ("hydra/launcher", "hydra/sweeper")  # how a sweep's runs are started and chosen


def catalogue(folders: Sequence[Path], *, language: str = "en") -> dict[str, dict[str, str]]:
    """group -> name -> what its file says first; of several folders the first that has a name counts."""
    return {group: names_of(group, folders, language=language) for group in (*GROUPS, *OF_HYDRA)}


def names_of(group: str, folders: Sequence[Path], *, language: str = "en") -> dict[str, str]:
    """Likewise, of one group."""
    found = {
        # One that isn't UTF-8 is refused once it is chosen, and stands in no other's way.
        path.stem: head_of(path.read_text(encoding="utf-8", errors="replace")).first(language)
        for folder in reversed(folders)
        for path in (folder / group).glob("*.yaml")
        if not path.stem.startswith("_")
    }
    return dict(sorted(found.items()))

"""What is to be known of answers by a run that isn't finished."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attnlab.language import Words


def is_unfinished(path: Path) -> bool:
    """Whether a checkpoint lies in the folder of a run that hasn't come to its end."""
    folder = path.absolute().parent.parent
    return (folder / "config.json").is_file() and not (folder / "metrics.json").exists()


def how_far(path: Path, config: Mapping[str, Any], *, step: int | None) -> Words:
    """What is said of answers by it, which is of so many updates."""
    most = (config.get("trainer") or {}).get("max_steps")
    of = f" of {most:,}" if isinstance(most, int) and most > 0 else ""
    of_chinese = f"（共 {most:,} 次）" if of else ""
    reached = "" if step is None else f"update {step:,}{of}"
    reached_chinese = "" if step is None else f"第 {step:,} 次更新{of_chinese}"
    never = not _was_validated(path.absolute().parent.parent)
    english = ", ".join(filter(None, [reached, "never validated" if never else ""]))
    chinese = "，".join(filter(None, [reached_chinese, "从未验证" if never else ""]))
    return Words(
        ": ".join(filter(None, ["this run isn't finished", english])),
        "：".join(filter(None, ["该运行尚未完成", chinese])),
    )


def _was_validated(folder: Path) -> bool:
    try:
        return any(",val/" in line for line in (folder / "metrics.csv").read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        return False

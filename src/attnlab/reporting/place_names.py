"""What the paths of modules are called; nothing heavy is imported."""

import re

_PATH = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
_SELF_EVIDENT = ("feature_attention", "attention", "core")


def place_name(path: str) -> str:
    """A module's path in words, counted from 1: `stages.0.1.feature_attention` is stage 1, block 2.

    What is no path stays as it is.
    """
    if not _PATH.fullmatch(path) or not re.search(r"[._]", path):
        return path
    parts = path.split(".")
    kept = [part for part in parts if part not in _SELF_EVIDENT] or parts[-1:]
    words: list[str] = []
    for part in kept:
        if not part.isdigit():
            words.append(re.sub(r"(?<=\D)(?=\d+$)", " ", part.replace("_", " ")))
        elif words and not words[-1][-1].isdigit():
            words[-1] = f"{words[-1].removesuffix('s')} {int(part) + 1}"
        else:
            words.append(f"block {int(part) + 1}")
    return ", ".join(words)

"""What can be chosen, read from the configuration's files: names, and what each says of itself first."""

import re
from pathlib import Path

GROUPS = (
    "task", "model", "data", "attention", "feature_attention", "tokenizer", "extractor", "adversarial_loss",
    "optimizer", "scheduler", "trainer", "callbacks", "logger", "experiment", "study",
)  # fmt: skip


def catalogue(folders: list[Path]) -> dict[str, dict[str, str]]:
    """group -> name -> what its file says first; a user's own folders, later ones, may take the place of ours."""
    found = {
        group: {
            path.stem: _headline(path)
            for folder in folders
            for path in (folder / group).glob("*.yaml")
            if not path.stem.startswith("_")
        }
        for group in GROUPS
    }
    return {group: dict(sorted(names.items())) for group, names in found.items()}


def _headline(path: Path) -> str:
    """The first sentence of the file's comments, or their first line where it ends in none."""
    said = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# zh: "):
            continue
        if line.startswith("#") and "@package" not in line:
            said = f"{said} {line.lstrip('# ')}".strip()
            if sentence := re.search(r"^.*?\.(?=$| [A-Z])", said):
                return sentence[0]
        elif said:
            break
    return said

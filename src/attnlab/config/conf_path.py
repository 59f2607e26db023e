"""Where the public configuration lies: in the wheel beside the code, in a checkout at its root."""

import re
from pathlib import Path


def conf_dir() -> Path:
    """The folder of the configuration groups, `attnlab/conf` in a wheel or `conf` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / "conf", package.parents[1] / "conf"):
        if (candidate / "train.yaml").is_file():
            return candidate
    raise FileNotFoundError(f"no conf/train.yaml beside {package} or at its checkout's root: reinstall attnlab")


def name_of(group: str, target: str) -> str:
    """What is written to choose a class, `bible_names`, or its own name where no file of the group has it."""
    line = re.compile(rf"_target_: {re.escape(target)}(\s|$)", re.MULTILINE)
    files = sorted((conf_dir() / group).glob("*.yaml"))
    found = (each.stem for each in files if line.search(each.read_text(encoding="utf-8")))
    return next(found, target.rpartition(".")[2])

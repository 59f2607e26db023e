"""What to say of values that the user must give: what each is, and what there is to choose from."""

import codecs
from collections.abc import Sequence
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from attnlab.config.conf_path import conf_dir
from attnlab.config.described import described

SHOWN = 8  # files that a message names
FIRST_LETTERS = 80  # of a table's first line


def lacking(config: DictConfig, keys: Sequence[str]) -> str:
    """A line on keys whose value is ???, as the configuration's files describe them."""
    told = [f"{key} ({said})" if (said := _said(key)) else key for key in keys]
    given = " ".join(f"{key}=..." for key in keys)
    there = _there(config) if any(key.startswith("data.") for key in keys) else ""
    return f"{' and '.join(told)} must be given{there} (set {given})"


def _said(key: str) -> str:
    """What the comment beside a key says, up to its first stop."""
    group, _, name = key.partition(".")
    choice = HydraConfig.get().runtime.choices.get(group)
    places = [Path(each.path) for each in HydraConfig.get().runtime.config_sources if each.schema == "file"]
    paths = [each / group / f"{choice}.yaml" for each in (*places, conf_dir())]
    path = next((each for each in paths if each.is_file()), None)
    if path is None:
        return ""
    said = next((each.said.en for each in described(path).keys if each.name == name), "")
    return said.partition(";")[0].partition(":")[0].strip()


def _there(config: DictConfig) -> str:
    """What lies in the folder of the data, if it is given, or how its table begins."""
    try:
        root, table = (OmegaConf.select(config, key) for key in ("data.root", "data.corpus.train"))
    except OmegaConfBaseException:  # it refers to what is lacking
        return ""
    folder = Path(str(root)).expanduser() if isinstance(root, str) and root else Path()
    if isinstance(table, str) and (folder / table).is_file():
        with (folder / table).open("rb") as file:
            first = file.read(4 * FIRST_LETTERS)
        marked = "utf-16" if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""
        start = first.decode(marked or "utf-8", errors="replace").partition("\n")[0][:FIRST_LETTERS]
        if marked:
            return f"; {folder / table}, whose encoding is {marked}, begins with {start.rstrip()!r}"
        return f"; {folder / table} begins with {start.rstrip()!r}" if start else f"; {folder / table} is empty"
    if root is None or not folder.is_dir():
        return ""
    names = sorted(each.name for each in folder.iterdir() if not each.name.startswith("."))
    more = ", ..." if len(names) > SHOWN else ""
    return f"; {folder} holds {', '.join(names[:SHOWN]) or 'nothing'}{more}"

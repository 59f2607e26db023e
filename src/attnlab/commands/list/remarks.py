"""What keeps a mechanism's file of the user's own from working, as far as it is told without running his code."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from attnlab.config.choices import Choice
from attnlab.config.conf_path import conf_dir
from attnlab.config.mechanism_files import GROUPS, shown
from attnlab.errors import UserError, closest
from attnlab.runs.named_class import has_not, names_in, no_module, remark_on_class


def remark(found: Choice, folders: Sequence[Path]) -> str:
    """One line that names the file; "" for one that may work, and for what isn't the user's own mechanism."""
    if found.group not in GROUPS or found.path.is_relative_to(conf_dir()):
        return ""
    from attnlab.config.compose import load_group  # Hydra's, which no other list needs

    own = [str(folder) for folder in folders if folder != conf_dir()]
    try:
        config = load_group(found.group, found.name, config_dirs=own)
    except UserError as error:
        return str(error)
    node = config.core if "core" in config else config
    target = str(node._get_node("_target_"))
    if "${" in target or not (said := _unknown(target)):
        return ""
    return f"nothing can be imported as {target!r}{said} (set _target_ in {shown(found.path)})"


def _unknown(target: str) -> str:
    """What is wrong with the name of a class, as a clause: of a file in this folder its text tells, which isn't run."""
    if said := remark_on_class(target):
        return said
    module, _, name = target.rpartition(".")
    file = Path(f"{module}.py")
    if file.is_file():
        known = names_in(file)
        return "" if known is None or name in known else f": {has_not(module, name, closest(name, known))}"
    top = module.partition(".")[0]
    return "" if find_spec(top) is not None else f": {no_module(top)[0]}"

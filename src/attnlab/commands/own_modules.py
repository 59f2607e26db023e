"""Modules of the user's own in the folder that he works in, which anybody's files may lie in, too.

They are found by a command that is to run code of his, and by no other: what Python looks for and isn't installed, a
plugin or an optional library, would be taken from there as well.
"""

import os
import re
import sys
from collections.abc import Sequence

# By which code of one's own is named: its packages, configurations and classes.
ASKED = re.compile(r"--trust(=|$)|--config-dir(=|$)|-cd(=|$)|.*(_target_|hydra\.searchpath)", re.DOTALL)


def are_asked_for(command: str, arguments: Sequence[str]) -> bool:
    """Whether a command line names code that isn't this project's."""
    if command == "completion" or {"-h", "--help"} & {*arguments}:
        return False
    dotted = command == "check" and any("." in each for each in arguments)  # a class, or a file that names one
    return dotted or any(ASKED.match(each) for each in arguments)


def find() -> None:
    """Let Python look in the working folder, after everywhere else and for nothing that Hydra finds by itself."""
    from hydra.core.plugins import Plugins

    Plugins.instance()  # looks for its plugins this once
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())

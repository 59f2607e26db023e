"""What charts on a page take besides their data: Vega, Vega-Lite and Vega-Embed as one script (extra `report`)."""

import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec

from attnlab.errors import UserError

PARTS = ("altair", "vl_convert")


def installed() -> bool:
    """Whether charts can be made by Vega-Lite; else they are drawn."""
    return all(find_spec(name) is not None for name in PARTS)


@cache
def script() -> str:
    """The browser's side, some 900 kB; it fetches nothing and evaluates no text as a program.

    Raises:
        UserError: it can't be made.
    """
    # In a process of its own: the engine that bundles it leaves threads, which forking doesn't go with. It looks for
    # nothing in the working folder, where anybody's files may lie.
    program = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UserError(f"charts need a vl-convert-python that works, got: {said} (install it anew, or remove it)")
    return escaped(done.stdout.decode())


def escaped(script: str) -> str:
    r"""As it may stand within a page: what would end it there has a `\`, which changes no string."""
    return re.sub("</(?=script)", r"<\\/", script, flags=re.IGNORECASE).replace("<!--", r"<\!--")

"""`python -m attnlab`; further processes of a run are started by this file's path."""

import sys
from pathlib import Path

# Started by its path, a script's own folder comes first in sys.path, and our modules would hide others' of that name.
if sys.path and sys.path[0] and Path(sys.path[0]).resolve() == Path(__file__).resolve().parent:
    del sys.path[0]

from attnlab.commands.cli import main  # only now

if __name__ == "__main__":
    raise SystemExit(main())

"""`python -m attnlab`; further processes of a run are started by this file's path."""

import os
import sys

# First in sys.path is the folder that Python was started in or, of a script, the script's own: strangers' modules would
# stand in for installed ones there, and ours here for others' of that name. It stays where this package is found by it.
if (
    not sys.flags.safe_path
    and os.path.realpath(sys.path[0]) in (os.path.realpath("."), os.path.dirname(os.path.realpath(__file__)))
    and os.path.realpath(os.path.join(sys.path[0], "attnlab", "__main__.py")) != os.path.realpath(__file__)
):
    del sys.path[0]

from attnlab.commands.cli import main  # only now

if __name__ == "__main__":
    raise SystemExit(main())

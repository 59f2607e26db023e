"""`python -m attnlab`, as which further processes of a run are started."""

from attnlab.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

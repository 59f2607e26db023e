"""These tests bring up a SLURM of their own; `make test-slurm` runs them."""

import os

collect_ignore_glob = [] if os.environ.get("ATTNLAB_TEST_SLURM") else ["test_*.py"]

"""Hydra looks here for sweepers; it takes them from `hydra_plugins` alone."""

from attnlab.launch import sweepers


class GridSweeper(sweepers.GridSweeper):
    """The sweeper under the only kind of name by which Hydra takes one."""


class OptunaSweeper(sweepers.OptunaSweeper):
    """Likewise."""

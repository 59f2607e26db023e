"""`attnlab export`."""

from attnlab.commands.export.command import run

__all__ = ["run"]

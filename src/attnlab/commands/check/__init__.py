"""`attnlab check`: a mechanism of one's own, or a shipped one, against the contract that it implements."""

from attnlab.commands.check.command import run

__all__ = ["run"]

"""`attnlab explain`: any attention mechanism worked through on two small examples, number by number."""

from attnlab.commands.explain.command import run

__all__ = ["run"]

"""`attnlab data`: what a data set is, before anything is trained on it."""

from attnlab.commands.data.command import run

__all__ = ["run"]

"""`attnlab doctor`: whether this machine can train, and what would make it train better. It never uses the network."""

from attnlab.commands.doctor.command import run

__all__ = ["run"]

"""`attnlab completion`."""

from attnlab.commands.completion.command import run as run

"""Each mechanism's own steps: what it does between a query and its output."""

from attnlab.commands.explain.steps.chosen import before_queries, is_told, steps_of
from attnlab.commands.explain.steps.step import Asked, Step

__all__ = ["Asked", "Step", "before_queries", "is_told", "steps_of"]

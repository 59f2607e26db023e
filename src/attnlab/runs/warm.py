"""A process from which runs are forked: it has imported what they need, and computed nothing."""

import gc
from importlib import import_module

# Besides what they import themselves, what is only imported where it is used.
MODULES = (
    "attnlab.callbacks",
    "attnlab.data",
    "attnlab.models",
    "attnlab.runs.train",
    "attnlab.tasks",
    "matplotlib.figure",
    "sacrebleu",
    "wandb",
)


def import_all() -> None:
    """Have everything imported, so that a forked process begins at once."""
    for name in MODULES:
        module = import_module(name)
        for part in getattr(module, "__all__", ()) if name.startswith("attnlab.") else ():
            getattr(module, part)  # some are imported when they are asked for
    # What is imported stays: forked processes needn't look through it for garbage, by which they would copy it.
    gc.collect()
    gc.freeze()

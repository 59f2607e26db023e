"""torchtext, loaded where a tokenizer of its is used: it needs an old torch, so an environment of its own."""

import sys
import warnings
from typing import Any

import torch

from attnlab.errors import UserError


def load_torchtext() -> Any:
    """The module, without its notice that it gets no further versions.

    Raises:
        UserError: it isn't installed, or can't be loaded beside this torch.
    """
    try:
        with warnings.catch_warnings():
            # Where nothing of it is compiled yet, Python speaks of its backslashes.
            warnings.filterwarnings("ignore", message="invalid escape sequence")
            import torchtext

            torchtext.disable_torchtext_deprecation_warning()
            import torchtext.data
            import torchtext.transforms
            import torchtext.vocab
    except (ImportError, OSError) as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "torchtext"
        old_enough = sys.version_info < (3, 13)
        raise UserError(
            "this tokenizer is torchtext's, which needs torch 2.3.1 and Python 3.11 or 3.12, got torch "
            f"{torch.__version__} and Python {sys.version_info.major}.{sys.version_info.minor}, where it "
            f"{'is not installed' if missing else 'can not be loaded'} (set another tokenizer, or run `make "
            f"setup-torchtext{'' if old_enough else ' PYTHON_TORCHTEXT=python3.12'}` and then "
            ".venv-torchtext/bin/attnlab)"
        ) from error
    return torchtext

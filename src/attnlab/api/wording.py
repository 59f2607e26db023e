"""What is said to whoever works from Python: an error alone, that names arguments where a command has options."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attnlab.errors import UserError


def _as_argument(option: re.Match[str]) -> str:
    before, *parts = option.groups()
    return before + "_".join(filter(None, parts))


PATH = r"[^\s);,]+"
# What a command line has, and what stands for it here.
SPOKEN: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    # What somebody wrote stands in quotes, and is left as it is.
    (rf"drop --trust ({PATH})", r"drop '\1' from trust"),
    (rf"(?<!')--trust ({PATH})", r"trust=['\1']"),
    (r"--config-dir is\b", r"config_dirs names"),
    (rf"([a-z_]+=NAME|[a-z_]+=\S+) --config-dir ({PATH})", r"\1 with config_dirs=['\2']"),
    (rf"set --config-dir ({PATH})", r"set config_dirs=['\1']"),
    (rf"add --config-dir ({PATH})", r"add config_dirs=['\1']"),
    (r"(?<!')--config-dir\b", r"config_dirs"),
    (r"give predict --words", r"give lists of words"),
    (r"drop --ablate", r"drop ablate"),
    (r"(?<![\w'])--set (\w+)=", r"\1="),
    # Those of other programs, as of pip, come after other words.
    (r"(^|\b(?:set|drop|add|give|got|and|or) )--([a-z]+)(?:-([a-z]+))?\b", _as_argument),
    (r"add -m\b", r"give one of them; a loop over attnlab.train makes a sweep"),
)


@contextmanager
def in_python() -> Iterator[None]:
    """Raise a UserError again in Python's words, without what it was raised from: the line says all there is.

    So is a FloatingPointError, of a model whose training diverged.
    """
    try:
        yield
    except UserError as error:
        raise UserError(spoken(str(error))) from None
    except FloatingPointError as error:
        raise UserError(f"{error} (train it again with a lower optimizer.lr)") from None


def spoken(message: str) -> str:
    """A message with each option of a command by the name of the argument."""
    for option, argument in SPOKEN:
        message = re.sub(option, argument, message)
    return message

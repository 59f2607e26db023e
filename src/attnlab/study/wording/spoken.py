"""The wording of a study in the language that a person is spoken to in."""

from attnlab.language import wanted
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording


def spoken() -> Wording:
    """For a terminal; pages are in both."""
    return chinese if wanted() == "zh" else english

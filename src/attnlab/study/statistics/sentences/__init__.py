"""A verdict in a sentence or two, as a page prints it."""

from attnlab.study.statistics.sentences.chinese import chinese
from attnlab.study.statistics.sentences.english import english

__all__ = ["chinese", "english"]

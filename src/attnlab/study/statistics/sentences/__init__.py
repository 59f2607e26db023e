"""A verdict in a sentence or two, as a page prints it."""

from attnlab.study.statistics.sentences.chinese import (
    chinese,
    chinese_of_examples,
    chinese_of_power,
    chinese_of_runs,
    chinese_of_this_test_set,
)
from attnlab.study.statistics.sentences.english import (
    english,
    english_of_examples,
    english_of_power,
    english_of_runs,
    english_of_this_test_set,
)

__all__ = [
    "chinese",
    "chinese_of_examples",
    "chinese_of_power",
    "chinese_of_runs",
    "chinese_of_this_test_set",
    "english",
    "english_of_examples",
    "english_of_power",
    "english_of_runs",
    "english_of_this_test_set",
]

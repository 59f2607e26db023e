"""A verdict in a sentence or two, as a page prints it."""

from attnlab.study.statistics.sentences.chinese import (
    chinese,
    chinese_in_brief,
    chinese_of_components,
    chinese_of_examples,
    chinese_of_power,
    chinese_of_runs,
    chinese_of_this_test_set,
    chinese_reasons,
)
from attnlab.study.statistics.sentences.english import (
    english,
    english_in_brief,
    english_of_components,
    english_of_examples,
    english_of_power,
    english_of_runs,
    english_of_this_test_set,
    english_reasons,
)

__all__ = [
    "chinese",
    "chinese_in_brief",
    "chinese_of_components",
    "chinese_of_examples",
    "chinese_of_power",
    "chinese_of_runs",
    "chinese_of_this_test_set",
    "chinese_reasons",
    "english",
    "english_in_brief",
    "english_of_components",
    "english_of_examples",
    "english_of_power",
    "english_of_runs",
    "english_of_this_test_set",
    "english_reasons",
]

"""What a log shows is in the language that is wanted; what is recorded of it stays as it was."""

import logging

import pytest

from attnlab.reporting.messages.log_format import Spoken


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("attnlab", logging.WARNING, "a.py", 1, message, (3, 11), None)


def test_a_message_is_in_english() -> None:
    given = record("left out %d of %d training examples: nothing in them")
    assert Spoken().format(given) == "left out 3 of 11 training examples: nothing in them"


@pytest.mark.usefixtures("in_chinese")
def test_a_message_is_in_chinese_where_that_is_wanted_and_the_record_isnt() -> None:
    given = record("left out %d of %d training examples: nothing in them")
    assert Spoken("%(name)s: %(message)s").format(given) == "attnlab: 略去 11 个训练样本中的 3 个：没有内容"
    assert given.getMessage() == "left out 3 of 11 training examples: nothing in them"
    assert Spoken().format(record("another's %d and %d")) == "another's 3 and 11"

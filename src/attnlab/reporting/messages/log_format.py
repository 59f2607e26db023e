"""Lines of the log in the language that is wanted."""

import logging

from attnlab.language import either
from attnlab.reporting.messages.chinese import said_in_chinese


class Spoken(logging.Formatter):
    """Puts a message that the tables have in Chinese where that is wanted; what other programs say stays as it is."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's own name
        record.message = either(record.message, said_in_chinese(record.message) or record.message)
        return super().formatMessage(record)

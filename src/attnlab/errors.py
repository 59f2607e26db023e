"""The one exception that a user's mistake raises."""


class UserError(Exception):
    """A mistake of the user's: shown as one line, without a traceback, and the program exits with 2.

    The message says what is wrong, the value, and the key or file to change.
    """

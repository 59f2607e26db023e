"""Text of anybody's on a terminal or a page: its control characters mustn't do anything there."""


def without_controls(text: str) -> str:
    """The text with each control character but tab and line ends as a replacement sign, so offsets into it stay."""
    return "".join(c if c in "\t\n\r" or (c >= " " and not "\x7f" <= c <= "\x9f") else "\ufffd" for c in text)

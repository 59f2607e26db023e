"""Names that differ in nothing but how they were typed are one."""

import unicodedata


def folded(text: str) -> str:
    """Without a difference of case, of composed and decomposed letters, or of how much white space is where."""
    # Folding may take a composed letter apart: hence twice.
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())

"""attnlab: the laboratory for attention."""

__version__ = "0.1.0"

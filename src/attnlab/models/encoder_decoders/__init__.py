"""Models that write a text of a text."""

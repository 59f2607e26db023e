"""Texts, and sequences that are made up, whose next token is to be predicted."""

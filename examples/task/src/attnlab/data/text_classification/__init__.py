"""Texts and their classes."""

"""Sentences whose words are labelled."""

"""Classifiers of texts, and what predicts with them."""

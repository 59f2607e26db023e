"""Studies: whether a mechanism matters, over seeds and examples."""

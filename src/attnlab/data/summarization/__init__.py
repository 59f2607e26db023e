"""Documents and their summaries."""

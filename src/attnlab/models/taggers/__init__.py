"""Models that label words."""

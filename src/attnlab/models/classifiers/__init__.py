"""Models that name what an image shows."""

"""Models that find objects in images."""

"""Lines in a terminal."""

"""What the lab shows of its results."""

"""What a study asks of runs, and what they answer."""

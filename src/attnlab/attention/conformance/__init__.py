"""What every mechanism is held to, ours and a user's own."""

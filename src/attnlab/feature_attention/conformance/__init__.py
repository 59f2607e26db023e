"""What every mechanism on feature maps is held to, ours and a user's own."""

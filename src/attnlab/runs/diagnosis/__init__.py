"""What a trained model's attention is like over its test, and whether its maps can be believed."""

"""What image generation is made of."""

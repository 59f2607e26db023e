"""Models of the next token, and what continues texts with them."""

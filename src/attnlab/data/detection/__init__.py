"""Pictures with boxed objects."""

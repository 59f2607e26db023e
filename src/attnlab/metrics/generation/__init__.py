"""How generated images compare with real ones."""

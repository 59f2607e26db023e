"""`attnlab predict`."""

"""`attnlab study`."""

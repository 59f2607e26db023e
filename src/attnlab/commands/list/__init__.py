"""`attnlab list`."""

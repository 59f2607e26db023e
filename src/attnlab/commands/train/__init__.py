"""`attnlab train`."""

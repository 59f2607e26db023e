"""`attnlab compare`."""

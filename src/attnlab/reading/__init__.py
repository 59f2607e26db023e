"""Anybody's files: read up to a bound, never waited for, and made into plain values alone."""

"""A run, from a resolved configuration to the files that it leaves."""

"""Scores that no library has, and libraries' scores in the form that tasks report."""

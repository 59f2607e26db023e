"""The page of a comparison: a study's, or that of any finished runs."""

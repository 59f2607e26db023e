"""Parts that models of several kinds share."""

"""What runs say as they go, which stands in English in the code and on record, as a Chinese reader is shown it."""

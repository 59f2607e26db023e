"""What a data set is, in numbers and examples, before anything is trained on it."""

"""Equal tuning: every arm gets the same trials, on validation alone, and runs with its best."""

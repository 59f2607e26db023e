"""Which example stands in which batch, and the batches in order."""

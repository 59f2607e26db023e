"""What a run is asked to be, before anything heavy is imported."""

"""What tasks share in training: losses summed, schedules, clipping, reports."""

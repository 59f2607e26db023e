"""From texts to ids and back, whatever the task."""

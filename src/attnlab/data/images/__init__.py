"""From image files to pixels, whatever the task."""

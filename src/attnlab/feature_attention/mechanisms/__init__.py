"""The mechanisms on feature maps, one a file."""

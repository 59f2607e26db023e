"""Charts of a comparison, each with a table of its numbers: by Vega-Lite where that is installed, else drawn."""

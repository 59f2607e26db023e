"""What `import attnlab` offers: trained runs, mechanisms for modules of one's own, training from a notebook."""

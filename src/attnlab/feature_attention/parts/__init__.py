"""What several mechanisms on feature maps share."""

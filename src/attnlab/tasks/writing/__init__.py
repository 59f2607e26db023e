"""What translating and summarizing share."""

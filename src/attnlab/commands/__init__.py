"""The commands of `attnlab`. A quick answer imports nothing heavy."""

"""Pairs of networks, of which one generates images and the other judges them."""

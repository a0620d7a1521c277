"""Walls around everything that runs, and the keeper of what runs inside them."""

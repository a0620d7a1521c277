"""Object storage: the store we embed, and what any store does for the platform."""

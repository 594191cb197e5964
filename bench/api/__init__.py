"""The API under load."""

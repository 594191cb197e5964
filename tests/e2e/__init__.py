"""The whole platform."""

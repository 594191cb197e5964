"""People: somebody's titles."""

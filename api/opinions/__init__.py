"""Opinions: a profile's list, thumbs and hidden titles."""

"""Visits: showings of the home page, to which browse events belong."""

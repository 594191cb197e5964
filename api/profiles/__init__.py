"""Profiles: who is watching."""

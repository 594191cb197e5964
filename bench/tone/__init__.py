"""Tone maps against each other on graded patches."""

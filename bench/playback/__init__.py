"""Playback in a real browser: how soon a title starts, and what viewers notice of servers that die."""

"""Playback sessions: opened, kept alive, ended."""

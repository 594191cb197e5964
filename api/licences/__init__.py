"""Licences: the content keys that a playback session is entitled to."""

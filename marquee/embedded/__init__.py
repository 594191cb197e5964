"""The embedded stack: every server of a single machine, started, watched and stopped together."""

"""Streams: what the account's devices are playing."""

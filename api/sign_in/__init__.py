"""Sign-in: log-in, refresh, log-out."""

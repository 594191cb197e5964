"""Sign-in: log-in, refresh tokens, devices, and the back-off that slows guessing down."""

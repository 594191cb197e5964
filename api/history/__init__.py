"""History: what a profile has watched."""

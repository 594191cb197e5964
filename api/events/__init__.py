"""Player events: what players say happened."""

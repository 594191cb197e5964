"""Events: what players and pages say happened."""

"""Demand: plays expected of each title in each territory on the days to come."""

"""Simulated viewers: tastes, habits, devices and networks, deterministic by seed."""

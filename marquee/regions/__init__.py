"""Regions: a PostgreSQL in each, of which one takes writes; how another takes over, and where DNS sends viewers.

Stands on the embedded server, whose programs it runs. Nothing of the platform needs it where there is one region.
"""

"""Regions under chaos: three in network namespaces, viewers, and a plan of what is lost."""

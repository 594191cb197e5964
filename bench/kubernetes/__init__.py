"""Runs the pods of the overlay `minimal` without a cluster, under runc, as locked as their manifests say.

Read-only roots, users, no capabilities, limits of memory and processors, volumes with the folders that they name, Secrets
and ConfigMaps as files and variables, probes as health checks. Not there: scheduling, Services, policies. See bench/compose.
"""

"""Runs the pods of the overlay `minimal` without a cluster, under runc, as locked as their manifests say.

With read-only roots, users, no capabilities, limits of memory and processors, the volumes that they name, Secrets and
ConfigMaps as variables and files, probes as health checks. What is not there: scheduling, Services, policies. The
machinery is that of bench/compose, to which a pod is told as a service.
"""

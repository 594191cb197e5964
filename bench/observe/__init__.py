"""A platform seen from outside: the traces of two clicks as pages, and the main graphs of a Prometheus that watched."""

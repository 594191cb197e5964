"""Benchmarks against floors and peers, one command each: `make bench-<name>`."""

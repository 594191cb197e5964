"""Mutation check: changes the code a little and sees whether its tests notice. The method is in docs/bench.md."""

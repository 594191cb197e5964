"""Great Expectations between the planes: raw events, sessions, marts.

`checkpoints.check` evaluates and stops; `kept_runs` has what was kept, and loads neither Great Expectations nor DuckDB.
"""

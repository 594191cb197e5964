"""Great Expectations at the doors between the planes: raw events, sessions, marts.

`doors.check` judges and stops; `runs` has what was kept, and loads neither Great Expectations nor DuckDB.
"""

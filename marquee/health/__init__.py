"""How all parts of the platform are, for operators: asked at the moment, each with a time limit, and changing nothing.

A file per subject, each a list of `checks.Part`. It may read what any wing keeps. `report.py` asks all of them at once.
"""

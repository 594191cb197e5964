"""Defects planted into films at seeded random places, and whether QC finds them: `python -m bench.defects`."""

"""From an accepted mezzanine to packaged renditions. Pure of orchestrator, database and HTTP."""

"""Spark jobs: from the event log to playbacks, viewing sessions, interactions and title pairs."""

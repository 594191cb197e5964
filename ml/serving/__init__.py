"""Rows from what was published: no training library is needed here."""

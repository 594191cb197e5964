"""Bulk import: reads a table or a folder of films as candidates for delivery. Judges nothing and writes nothing."""

"""Histories brought from elsewhere: see `imported.import_history`."""

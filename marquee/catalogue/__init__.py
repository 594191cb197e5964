"""The catalogue: titles, releases, deliveries, keys, viewers. SQLAlchemy models, migrations and queries.

Queries take a Session and never commit: whoever opens the transaction (`database.begin`) decides what belongs together.
"""

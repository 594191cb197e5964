"""Finding titles: the search index, browsing and curated collections.

It works on rows of the catalogue and on the types of `contracts`. Who may see what is decided elsewhere
(`members.entitlement`): callers pass what is open where, and from where a viewer looks. Nothing here knows the other
wings, Airflow, FastAPI or models.
"""

"""A simulated catalogue: titles with texts in six languages, people and series, as rows of the catalogue's tables."""

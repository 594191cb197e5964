"""Browse: genres, languages, and the lists that are the same for everybody."""

"""Search: titles by words, with facets and suggestions."""

"""Search: an index of titles in memory, made from the catalogue's database at any time (docs/adr/0021)."""

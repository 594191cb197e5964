"""Collections: titles that people have put together."""

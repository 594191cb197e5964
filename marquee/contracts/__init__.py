"""Types that cross a folder: frozen pydantic models, ids, errors. Nothing here does I/O."""

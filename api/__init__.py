"""The viewer's API: a folder per noun, each with its endpoints, schemas and service."""

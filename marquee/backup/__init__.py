"""Backup and restore: database, stores and secrets of one installation, consistent with each other.

It may use the catalogue, the stores and the embedded PostgreSQL's programs; nothing but the commands and the plugin
use it.
"""

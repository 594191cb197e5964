"""Titles: browse, search and look at one."""

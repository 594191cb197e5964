"""Simulated viewers: tastes, habits, devices and networks, deterministic by seed.

`world.simulate` gives the tables and the truth, `written.write` puts them into the lake, `sittings.sessions` says which
viewing sessions are true, `posts.posts` and `mess.malformed` give bodies for the API.
"""

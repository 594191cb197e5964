"""Search: its quality on queries with typos, and its speed over HTTP."""

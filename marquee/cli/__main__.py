"""`python -m marquee.cli`, the same as `marquee`."""

from marquee.cli import app

app()

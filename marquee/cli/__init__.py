"""`marquee …`: run the platform on one machine, and do by hand what Airflow does by itself.

A file per audience adds its commands to one Typer application: `operate`, `backup`, `capacity`, `keys`, `logs` and
`regions` for operators, `content`, `quality`, `titles` and `series` for content ops, `data` for data scientists,
`members` for support, `watermark` for captures. Commands import what they need when they run, so that `marquee --help`
is quick.
"""

from marquee.cli.application import app, cli

from marquee.cli import (  # isort: skip
    backup,
    capacity,
    content,
    data,
    keys,
    logs,
    members,
    operate,
    quality,
    regions,
    series,
    titles,
    watermark,
)

__all__ = [
    "app",
    "backup",
    "capacity",
    "cli",
    "content",
    "data",
    "keys",
    "logs",
    "members",
    "operate",
    "quality",
    "regions",
    "series",
    "titles",
    "watermark",
]

"""The Typer application, and what its commands share."""

import sys
from logging import WARNING
from typing import NoReturn

import typer

from marquee import logs as logging
from marquee.contracts.errors import MarqueeError
from marquee.settings import settings

HELP = "Run the platform on one machine, and do by hand what Airflow does by itself."
cli = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP, pretty_exceptions_enable=False)


def app() -> None:
    """The command's entry point: a known error is one sentence on standard error, and exit status 1."""
    logging.configure(json=settings().log_json, service="marquee")
    try:
        cli()
    except MarqueeError as error:
        _fail(error)


def _fail(error: MarqueeError) -> NoReturn:
    typer.secho(f"marquee: {error}", fg="red" if sys.stderr.isatty() else None, err=True)
    raise SystemExit(1)


def quiet() -> None:
    """Warnings alone in the log of a command that prints its own progress."""
    logging.configure(level=WARNING, json=settings().log_json)

"""Experiments: A/B tests of rows."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue.models import Experiment


def start(session: Session, name: str, arms: dict[str, float]) -> None:
    """Start an experiment, with its name as salt; one of that name that is there already stays as it is."""
    session.execute(insert(Experiment).values(name=name, salt=name, arms=arms).on_conflict_do_nothing())

"""Forecasts of demand, as they are written and read: plays expected of a title in a territory on a day (UTC)."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Float, delete, func, select
from sqlalchemy.orm import Session

from marquee.catalogue.models import DemandForecast, now

COLUMNS = ("day", "title_id", "territory", "plays", "low", "high", "model", "made_at")
Forecast = tuple[int, str, float, float, float]  # title id, territory, plays, and the bounds of the 80 % interval


def replace(session: Session, day: date, model: str, forecasts: Iterable[Forecast]) -> int:
    """Put a day's forecasts in place of those that were there; returns how many they are."""
    session.execute(delete(DemandForecast).where(DemandForecast.day == day))
    cursor = session.connection().connection.cursor()
    made, rows = now(), 0
    with cursor.copy(f"copy demand_forecasts ({', '.join(COLUMNS)}) from stdin") as copy:
        for title_id, territory, plays, low, high in forecasts:
            copy.write_row((day, title_id, territory, plays, low, high, model, made))
            rows += 1
    return rows


def hottest(
    session: Session, day: date, territories: Sequence[str] = (), *, limit: int = 100
) -> list[tuple[int, float]]:
    """The titles of which most plays are expected on a day in these territories (all without any), most first."""
    plays = func.sum(DemandForecast.plays, type_=Float)
    statement = select(DemandForecast.title_id, plays).where(DemandForecast.day == day)
    if territories:
        statement = statement.where(DemandForecast.territory.in_(territories))
    statement = statement.group_by(DemandForecast.title_id).order_by(plays.desc(), DemandForecast.title_id)
    return [(title_id, total) for title_id, total in session.execute(statement.limit(limit)).tuples()]


def expected(session: Session, title_id: int) -> float | None:
    """Plays expected of a title everywhere on the latest day that was forecast; None where it never was."""
    latest = select(func.max(DemandForecast.day)).scalar_subquery()
    statement = select(func.sum(DemandForecast.plays, type_=Float)).where(
        DemandForecast.title_id == title_id, DemandForecast.day == latest
    )
    return session.scalar(statement)


def forecasts(session: Session, day: date) -> list[Forecast]:
    """What was forecast for a day, by title and territory."""
    row = DemandForecast
    statement = select(row.title_id, row.territory, row.plays, row.low, row.high).where(row.day == day)
    return list(session.execute(statement.order_by(row.title_id, row.territory)).tuples())


def latest_day(session: Session) -> date | None:
    """The latest day that was forecast."""
    return session.scalar(select(func.max(DemandForecast.day)))

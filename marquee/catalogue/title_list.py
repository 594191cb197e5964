"""The list of titles for content ops: filters, orders, keyset pages, counts. Quick at tens of thousands of titles."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from marquee.catalogue.models import (
    AvailabilityWindow,
    QcReportRow,
    ReleaseRow,
    ReleaseState,
    Title,
    TitleGenre,
    TitleState,
    TitleText,
    now,
)
from marquee.contracts.base import Contract
from marquee.contracts.errors import InvalidInput
from marquee.contracts.qc import Severity
from marquee.contracts.title import Kind

MOST = 200  # titles on a page


class Opening(StrEnum):
    """How the windows of a title stand now, in any territory."""

    OPEN = "open"
    LATER = "later"  # none is open, one opens
    OVER = "over"  # none is open, and none will be


class Order(StrEnum):
    """What titles are sorted by."""

    CHANGED = "changed"
    DELIVERED = "delivered"
    NAME = "name"
    YEAR = "year"
    SLUG = "slug"


class Filter(Contract):
    """Which titles are wanted; empty is any. `query` is part of a name, in any language, or of the slug."""

    query: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    state: TitleState | None = None
    verdict: Severity | None = None  # of the last QC report
    kind: Kind | None = None
    series: str = Field(default="", max_length=80, pattern=r"^[^\x00]*$")
    genre: str = Field(default="", max_length=80, pattern=r"^[^\x00]*$")
    territory: str = Field(
        default="", pattern=r"^([A-Za-z]{2}|\*)?$"
    )  # in which it has a window of its own, or one of the world's
    opening: Opening | None = None
    codec: str = Field(default="", pattern=r"^[a-z0-9]{0,20}$")  # of a picture that viewers get
    older_days: int | None = Field(default=None, ge=0, le=36500)  # its source was delivered longer ago
    newer_days: int | None = Field(default=None, ge=0, le=36500)


NAME = (
    select(TitleText.name)
    .where(TitleText.title_id == Title.id, TitleText.language == Title.original_language)
    .correlate(Title)
    .scalar_subquery()
)
LAST_REPORT = (
    select(QcReportRow)
    .where(QcReportRow.title_id == Title.id)
    .order_by(QcReportRow.created_at.desc())
    .limit(1)
    .correlate(Title)
)
VERDICT = LAST_REPORT.with_only_columns(QcReportRow.verdict).scalar_subquery()
REPORT = LAST_REPORT.with_only_columns(QcReportRow.id).scalar_subquery()
KEPT = (
    select(func.count())
    .where(ReleaseRow.title_id == Title.id, ReleaseRow.state == ReleaseState.PUBLISHED)
    .correlate(Title)
    .scalar_subquery()
)
BUILDING = (
    select(ReleaseRow.plan)
    .where(ReleaseRow.title_id == Title.id, ReleaseRow.state == ReleaseState.BUILDING)
    .order_by(ReleaseRow.created_at.desc())
    .limit(1)
    .correlate(Title)
    .scalar_subquery()
)
OUTLINE = select(ReleaseRow.outline).where(ReleaseRow.id == Title.current_release_id).correlate(Title).scalar_subquery()
ORDERS: dict[Order, tuple[Any, bool]] = {  # by what, and whether the greatest comes first
    Order.CHANGED: (Title.updated_at, True),
    Order.DELIVERED: (Title.delivered_at, True),
    Order.NAME: (func.lower(NAME), False),
    Order.YEAR: (Title.year, True),
    Order.SLUG: (Title.slug, False),
}
READ: dict[Order, Callable[[Any], Any]] = {  # the value of a cursor
    Order.CHANGED: datetime.fromisoformat,
    Order.DELIVERED: datetime.fromisoformat,
    Order.NAME: str,
    Order.YEAR: int,
    Order.SLUG: str,
}
COLUMNS = (
    Title.id,
    Title.slug,
    NAME.label("name"),
    Title.state,
    Title.state_reason,
    Title.version,
    Title.kind,
    Title.year,
    Title.series,
    Title.season,
    Title.number,
    Title.shown_from,
    Title.delete_at,
    Title.delivered_at,
    Title.updated_at,
    KEPT.label("kept"),
    BUILDING.label("building"),
    REPORT.label("report_id"),
    VERDICT.label("verdict"),
    OUTLINE.label("outline"),
)


def page(
    session: Session, wanted: Filter, order: Order, *, after: str = "", size: int
) -> tuple[Sequence[Row[Any]], str]:
    """Rows of COLUMNS, and where the next page goes on, empty after the last. Raises InvalidInput for a strange cursor.

    Rows that are inserted meanwhile shift nothing: a page goes on after a value, not after a count.
    """
    by, descending = ORDERS[order]
    chosen: Select[Any] = select(Title.id, by.label("key")).where(*conditions(wanted))
    if after:
        last = tuple_(*(literal(value) for value in _cursor(after, order)))
        place = tuple_(by, Title.id)
        chosen = chosen.where(place < last if descending else place > last)
    directed = [each.desc() if descending else each.asc() for each in (by, Title.id)]
    keys = session.execute(chosen.order_by(*directed).limit(size + 1)).all()
    ids = [row.id for row in keys[:size]]
    found = {row.id: row for row in session.execute(select(*COLUMNS).where(Title.id.in_(ids)))}
    goes_on = _written(order, keys[size - 1].key, keys[size - 1].id) if len(keys) > size else ""
    return [found[title_id] for title_id in ids if title_id in found], goes_on


def states(session: Session, wanted: Filter) -> dict[TitleState, int]:
    """How many titles there are in each state of those that are wanted in any."""
    anywhere = conditions(wanted.model_copy(update={"state": None}))
    counted = session.execute(select(Title.state, func.count()).where(*anywhere).group_by(Title.state))
    return {TitleState(state): count for state, count in counted}


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a title has to be."""
    return [
        condition(value) for name, condition in CONDITIONS.items() if (value := getattr(wanted, name)) not in ("", None)
    ]


def _named(query: str) -> ColumnElement[bool]:
    named = select(TitleText.title_id).where(TitleText.name.icontains(query, autoescape=True))
    return or_(Title.slug.icontains(query, autoescape=True), Title.id.in_(named))


def _in_territory(territory: str) -> ColumnElement[bool]:
    return exists().where(
        AvailabilityWindow.title_id == Title.id, AvailabilityWindow.territory.in_(["*", territory.upper()])
    )


def _opens(opening: Opening) -> ColumnElement[bool]:
    start, end, own = AvailabilityWindow.start, AvailabilityWindow.end, AvailabilityWindow.title_id == Title.id
    unended = or_(end.is_(None), end > now())
    is_open = and_(
        exists().where(own, or_(start.is_(None), start <= now()), unended),
        or_(Title.shown_from.is_(None), Title.shown_from <= now()),
    )
    later = and_(~is_open, exists().where(own, unended))
    return {Opening.OPEN: is_open, Opening.LATER: later, Opening.OVER: ~exists().where(own, unended)}[opening]


def _has_codec(codec: str) -> ColumnElement[bool]:
    return exists().where(ReleaseRow.id == Title.current_release_id, ReleaseRow.codecs.op("?")(codec))


CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "query": _named,
    "state": lambda state: Title.state == state,
    "verdict": lambda verdict: verdict == VERDICT,
    "kind": lambda kind: Title.kind == kind,
    "series": lambda series: Title.series == series,
    "genre": lambda genre: exists().where(TitleGenre.title_id == Title.id, TitleGenre.genre == genre),
    "territory": _in_territory,
    "opening": _opens,
    "codec": _has_codec,
    "older_days": lambda days: Title.delivered_at < now() - timedelta(days=days),
    "newer_days": lambda days: Title.delivered_at >= now() - timedelta(days=days),
}


def _written(order: Order, key: Any, title_id: int) -> str:
    text = json.dumps([order, key.isoformat() if hasattr(key, "isoformat") else key, str(title_id)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _cursor(text: str, order: Order) -> tuple[Any, int]:
    try:
        named, key, title_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if named == order and isinstance(title_id, str):
            return READ[order](key), int(title_id)
    except (binascii.Error, ValueError, TypeError):
        pass
    raise InvalidInput("not a cursor of this order", where="after", expected="`next` of a page before", got=repr(text))

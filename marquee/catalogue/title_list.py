"""The list of titles for content ops: filters, orders, keyset pages, counts. Quick at tens of thousands of titles."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, literal, or_, select, text, true, tuple_
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
from marquee.contracts.plan import DrmScheme
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
    scheme: DrmScheme | None = None  # by which the release that they get is encrypted
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
VERDICTS = (  # of all titles at once, which is quicker than title by title
    select(QcReportRow.title_id, QcReportRow.verdict)
    .distinct(QcReportRow.title_id)
    .order_by(QcReportRow.title_id, QcReportRow.created_at.desc())
    .subquery()
)
REPORT = LAST_REPORT.with_only_columns(QcReportRow.id).scalar_subquery()
KEPT = (
    select(func.count())
    .where(ReleaseRow.title_id == Title.id, ReleaseRow.state == ReleaseState.PUBLISHED)
    .correlate(Title)
    .scalar_subquery()
)
BUILDING = (
    select(ReleaseRow.plan)
    .where(ReleaseRow.title_id == Title.id, ReleaseRow.state == ReleaseState.BUILDING, ReleaseRow.document.is_(None))
    .order_by(ReleaseRow.created_at.desc())
    .limit(1)
    .correlate(Title)
    .scalar_subquery()
)
OUTLINE = select(ReleaseRow.outline).where(ReleaseRow.id == Title.current_release_id).correlate(Title).scalar_subquery()
ORDERS: dict[Order, tuple[Any, bool]] = {  # by what, and whether the greatest comes first
    Order.CHANGED: (Title.updated_at, True),
    Order.DELIVERED: (Title.delivered_at, True),
    Order.NAME: (func.lower(TitleText.name), False),  # in the original language
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
    Title.scheduled_at,
    Title.delete_at,
    Title.delivered_at,
    Title.updated_at,
    KEPT.label("kept"),
    BUILDING.label("building"),
    REPORT.label("report_id"),
    VERDICT.label("verdict"),
    OUTLINE.label("outline"),
)


@dataclass(frozen=True)
class Found:
    """Rows of COLUMNS, where the next page goes on (empty after the last), and how many titles are in each state.

    The counts are of the titles that are wanted in any state.
    """

    rows: Sequence[Row[Any]]
    following: str
    states: dict[TitleState, int]


def page(session: Session, wanted: Filter, order: Order, *, after: str = "", size: int) -> Found:
    """One page. Raises InvalidInput for a strange cursor.

    Rows that are inserted meanwhile shift nothing: a page goes on after a value, not after a count.
    """
    session.execute(text("set local jit = off"))  # compiling these statements takes longer than carrying them out
    asked = session.execute(_asked(wanted, order, after, size)).all()
    states = {TitleState(state): count for state, count in (asked[0].states or {}).items()}
    keys = [row for row in asked if row.id is not None]
    ids = [row.id for row in keys[:size]]
    found = {row.id: row for row in session.execute(select(*COLUMNS).where(Title.id.in_(ids)))}
    goes_on = _written(order, keys[size - 1].key, keys[size - 1].id) if len(keys) > size else ""
    return Found([found[title_id] for title_id in ids if title_id in found], goes_on, states)


def _asked(wanted: Filter, order: Order, after: str, size: int) -> Select[Any]:
    """The ids and keys of a page, one more than wanted, beside the counts: the filters are looked at once for both."""
    by, descending = ORDERS[order]
    anywhere = conditions(wanted.model_copy(update={"state": None}))
    all_of_them = select(Title.id, Title.state, by.label("key")).where(*anywhere)
    if order is Order.NAME:
        original = and_(TitleText.title_id == Title.id, TitleText.language == Title.original_language)
        all_of_them = all_of_them.join(TitleText, original)
    matching = all_of_them.cte("matching")
    counts = select(matching.c.state, func.count().label("titles")).group_by(matching.c.state).subquery()
    states = select(func.jsonb_object_agg(counts.c.state, counts.c.titles)).scalar_subquery()
    place = tuple_(matching.c.key, matching.c.id)
    chosen = select(matching.c.id, matching.c.key)
    if wanted.state is not None:
        chosen = chosen.where(matching.c.state == wanted.state)
    if after:
        last = tuple_(*(literal(value) for value in _cursor(after, order)))
        chosen = chosen.where(place < last if descending else place > last)
    directed = [each.desc() if descending else each.asc() for each in (matching.c.key, matching.c.id)]
    rows = chosen.order_by(*directed).limit(size + 1).subquery()
    one = select(literal(1).label("one")).subquery()
    directed = [each.desc() if descending else each.asc() for each in (rows.c.key, rows.c.id)]
    return (
        select(states.label("states"), rows.c.id, rows.c.key)
        .select_from(one.outerjoin(rows, true()))
        .order_by(*directed)
    )


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a title has to be."""
    return [
        condition(value) for name, condition in CONDITIONS.items() if (value := getattr(wanted, name)) not in ("", None)
    ]


def _named(query: str) -> ColumnElement[bool]:
    named = select(TitleText.title_id).where(TitleText.name.icontains(query, autoescape=True))
    return or_(Title.slug.icontains(query, autoescape=True), Title.id.in_(named))


def _in_territory(territory: str) -> ColumnElement[bool]:
    return _with_window(AvailabilityWindow.territory.in_(["*", territory.upper()]))


def _opens(opening: Opening) -> ColumnElement[bool]:
    start, end, moment = AvailabilityWindow.start, AvailabilityWindow.end, now()
    unended = or_(end.is_(None), end > moment)
    is_open = and_(
        _with_window(or_(start.is_(None), start <= moment), unended),
        or_(Title.shown_from.is_(None), Title.shown_from <= moment),
    )
    comes = _with_window(unended)
    return {Opening.OPEN: is_open, Opening.LATER: and_(~is_open, comes), Opening.OVER: ~comes}[opening]


def _with_window(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a title has such a window; all of them are read at once, which is quicker than title by title."""
    return Title.id.in_(select(AvailabilityWindow.title_id).where(*conditions))


def _has_codec(codec: str) -> ColumnElement[bool]:
    return exists().where(ReleaseRow.id == Title.current_release_id, ReleaseRow.codecs.op("?")(codec))


def _has_scheme(scheme: DrmScheme) -> ColumnElement[bool]:
    return exists().where(ReleaseRow.id == Title.current_release_id, ReleaseRow.scheme == scheme)


CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "query": _named,
    "state": lambda state: Title.state == state,
    "verdict": lambda verdict: Title.id.in_(select(VERDICTS.c.title_id).where(VERDICTS.c.verdict == verdict)),
    "kind": lambda kind: Title.kind == kind,
    "series": lambda series: Title.series == series,
    "genre": lambda genre: Title.id.in_(select(TitleGenre.title_id).where(TitleGenre.genre == genre)),
    "territory": _in_territory,
    "opening": _opens,
    "codec": _has_codec,
    "scheme": _has_scheme,
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

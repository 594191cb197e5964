"""Alarms that are on: about viewers' playing, and about replicas."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select

from marquee.catalogue import integrity, live
from marquee.catalogue.models import ReleaseCheckRow
from marquee.contracts.alarms import ALARM, RATE
from marquee.health.checks import Check, Part, State, now
from marquee.health.database import asked
from marquee.settings import Settings

FOUND_WITHIN = timedelta(days=7)


def parts(s: Settings) -> list[Part]:
    return [Part("Alarms", "playing", partial(_playing, s)), Part("Alarms", "replicas", partial(_replicas, s))]


def _playing(s: Settings) -> Iterator[Check]:
    if not s.live_metrics:
        yield Check("playing", State.UNKNOWN, "not watched: MARQUEE_LIVE_METRICS is off")
        return
    with asked(s) as session:
        newest = live.newest(session)
    if not newest:
        yield Check("playing", State.UNKNOWN, "nobody plays, or the live figures have stopped")
        return
    figures = {(row.metric, row.edge): row.value for row in newest}
    at = newest[0].minute
    raised = sorted(key for key, on in figures.items() if key[0].startswith(ALARM) and on)
    for metric, edge in raised:
        name = metric.removeprefix(ALARM)
        where = "all edges" if edge == live.ALL_EDGES else edge
        rate = figures.get((f"{RATE}{name}", edge))
        share = f", {100 * rate:.2f} %" if rate is not None else ""
        yield Check(name.replace("_", " "), State.WARNING, f"{where}{share}", at)
    if not raised:
        yield Check("playing", State.OK, "no alarm", at)


def _replicas(s: Settings) -> Iterator[Check]:
    with asked(s) as session:
        found = integrity.findings(session, now() - FOUND_WITHIN)
        suspected = session.scalar(
            select(func.count()).select_from(ReleaseCheckRow).where(ReleaseCheckRow.suspected_at.is_not(None))
        )
    lost, repaired = sum(len(each.lost) for each in found), sum(each.repaired for each in found)
    files = sum(sum(each.found.values()) for each in found)
    state = State.DOWN if lost else State.WARNING if suspected or files > repaired else State.OK
    said = f"{files} files found wrong in a week, {repaired} repaired, {lost} lost; {suspected} releases suspected"
    yield Check("replicas", state, said if files or suspected else "nothing found wrong in a week")

"""Takes titles away from viewers and brings them back: withdraw, restore, publish at a time, delete with grace.

What they set is data that every reader compares with the present moment. So nothing has to run for it to hold: a
title that was to appear while everything was down is there with the first question after that.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from marquee.catalogue import title_versions, titles
from marquee.catalogue.models import Title, TitleState, now
from marquee.content.desk.editing import Changed
from marquee.content.desk.standing import changing, check_zone, told, unchanged
from marquee.contracts.base import Contract
from marquee.contracts.errors import Conflict, InvalidInput, MarqueeError
from marquee.contracts.ids import Id

MOST = 500  # titles of one bulk action
LONGEST_GRACE_D = 365


class Outcome(Contract):
    """What became of one title of several; `error` says why nothing did."""

    title_id: Id
    changed: bool
    error: str = ""


def withdraw(title_id: int, version: int | None = None, *, reason: str = "", actor: str) -> Changed:
    """Take a title away from viewers until it is restored.

    Playback sessions end with their next heartbeat, and its files leave all caches as soon as upkeep runs. Raises
    NotFound, Outdated, Conflict for a title that viewers could not get anyway.
    """
    with changing(title_id, version, "withdraw", actor, reason) as (_, title):
        if title.state == TitleState.WITHDRAWN:
            return unchanged(title)
        if titles.state_of(title) != TitleState.PUBLISHED:
            raise Conflict("only a published title is withdrawn", where=f"title {title.slug}", got=title.state)
        title.state, title.state_reason, title.purge_asked_at = TitleState.WITHDRAWN, reason or None, now()
    return told(title)


def restore(title_id: int, version: int | None = None, *, actor: str) -> Changed:
    """Give a withdrawn title back to viewers. Raises NotFound, Outdated, Conflict for one that is not withdrawn."""
    with changing(title_id, version, "restore", actor) as (_, title):
        if title.state == TitleState.PUBLISHED:
            return unchanged(title)
        if title.state != TitleState.WITHDRAWN:
            raise Conflict("only a withdrawn title is restored", where=f"title {title.slug}", got=title.state)
        title.state, title.state_reason = TitleState.PUBLISHED, None
    return told(title)


def publish(title_id: int, version: int | None = None, *, at: datetime | None = None, actor: str) -> Changed:
    """Let viewers see a title from a moment on (UTC where it has no zone), or from now; its windows hold too.

    Before there is a release it is an embargo: the release is shown at that moment, or when it is ready if that is
    later. One that is seen is hidden until the moment. Raises NotFound, Outdated, Conflict for a title that was
    taken away.
    """
    check_zone(at)
    with changing(title_id, version, "publish", actor) as (_, title):
        if title.state in (TitleState.WITHDRAWN, TitleState.DELETING):
            raise Conflict("the title was taken away", where=f"title {title.slug}", expected="restore", got=title.state)
        if title.shown_from == at:
            return unchanged(title)
        title.shown_from = at
    return told(title)


def delete(title_id: int, version: int | None = None, *, grace: timedelta, reason: str = "", actor: str) -> Changed:
    """Take a title away now, and delete all of it when the time of grace is over, unless `keep` comes before.

    Raises NotFound, Outdated, InvalidInput for a time of grace that is negative or longer than a year.
    """
    if not timedelta() <= grace <= timedelta(days=LONGEST_GRACE_D):
        expected = f"0 to {LONGEST_GRACE_D} days"
        raise InvalidInput("not a time of grace", where="grace", expected=expected, got=f"{grace.days} days")
    with changing(title_id, version, "delete", actor, reason) as (_, title):
        if title.state == TitleState.DELETING:
            return unchanged(title)
        title.state, title.state_reason = TitleState.DELETING, reason or None
        title.delete_at, title.purge_asked_at = now() + grace, now()
    return told(title)


def keep(title_id: int, version: int | None = None, *, actor: str) -> Changed:
    """Take a deletion back within its time of grace: the title stands where it stood before.

    Raises NotFound, Outdated, Conflict when it is not being deleted, or the time is over.
    """
    with changing(title_id, version, "keep", actor) as (session, title):
        if title.state != TitleState.DELETING or title.delete_at is None or title.delete_at <= now():
            got = title.state if title.state != TitleState.DELETING else "its time of grace is over"
            raise Conflict("this title cannot be kept any more", where=f"title {title.slug}", got=got)
        title.state, title.state_reason, title.delete_at = _state_before(session, title), None, None
    return told(title)


def bulk(title_ids: Collection[int], action: Callable[[int], Changed]) -> list[Outcome]:
    """Do the same to several titles, each in a transaction of its own; what fails leaves the others as they are.

    Raises InvalidInput for more than 500.
    """
    if len(title_ids) > MOST:
        raise InvalidInput("too many titles at once", where="titles", expected=f"{MOST}", got=str(len(title_ids)))
    return [_one(title_id, action) for title_id in dict.fromkeys(title_ids)]


def _one(title_id: int, action: Callable[[int], Changed]) -> Outcome:
    try:
        return Outcome(title_id=title_id, changed=action(title_id).changed)
    except MarqueeError as error:
        return Outcome(title_id=title_id, changed=False, error=str(error))


def _state_before(session: Session, title: Title) -> TitleState:
    rows = title_versions.listed(session, title.id)
    before = next(row for row in rows if row.action == "delete").changed["state"]["before"]
    published_since = title.current_release_id is not None and before != TitleState.WITHDRAWN
    return TitleState.PUBLISHED if published_since else TitleState(before)

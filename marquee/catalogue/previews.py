"""Previews: links made, spent once, and the playbacks that they open."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from marquee.catalogue import titles
from marquee.catalogue.models import PlaybackSessionRow, PreviewRow, ReleaseState, now
from marquee.catalogue.playback_sessions import Living
from marquee.catalogue.rows import Ask
from marquee.contracts.entitlement import StaffPass

NOBODY = 0  # the account and profile of a preview
SECRET_BYTES = 25  # 33 with the id, which base64 writes without padding

SPENT = f"""
    update previews p set opened_at = now(), device = $3, country = $4,
           expires_at = now() + make_interval(secs => least((r.outline->>'duration_s')::float + $5::float, $6::float))
    from releases r
    where p.id = $1::bigint and p.secret_sha256 = $2::bytea and p.opened_at is null and p.link_until > now()
      and r.id = p.release_id and r.document is not null and r.state <> '{ReleaseState.WITHDRAWN}'
    returning p.id
"""  # noqa: S608 (a constant of ours)
LIVING = f"""
    select p.id, p.title_id, p.release_id, p.opened_at, p.expires_at, p.device, p.country,
           t.state, t.current_release_id, t.maturity_rating
    from previews p join releases r on r.id = p.release_id join titles t on t.id = p.title_id
    where p.id = $1::bigint and p.ended_at is null and p.expires_at > now() and r.state <> '{ReleaseState.WITHDRAWN}'
"""  # noqa: S608 (a constant of ours)
SHOWN = """
    select p.actor, x.name, t.marks from previews p join titles t on t.id = p.title_id
    join title_texts x on x.title_id = t.id and x.language = t.original_language
    where p.id = $1::bigint
"""
ENDED = "update previews set ended_at = now() where id = $1::bigint and ended_at is null"


@dataclass(frozen=True, slots=True)
class Shown:
    """Who watches a preview, the title's original name, and the marks that a person has set, by the film's hash."""

    actor: str
    name: str
    marks: dict[str, Any]


def create(
    session: Session, title_id: int, release_id: int, *, actor: str, lifetime: timedelta
) -> tuple[str, datetime]:
    """The token of a new link, and until when it is good."""
    secret, until = secrets.token_bytes(SECRET_BYTES), now() + lifetime
    row = PreviewRow(
        title_id=title_id, release_id=release_id, actor=actor, secret_sha256=_hash(secret), link_until=until
    )
    session.add(row)
    session.flush()
    return base64.urlsafe_b64encode(row.id.to_bytes(8) + secret).decode(), until


def listed(session: Session, title_id: int, *, limit: int = 50) -> Sequence[PreviewRow]:
    """The last previews of a title, the newest first, opened or not."""
    wanted = select(PreviewRow).where(PreviewRow.title_id == title_id)
    return session.scalars(wanted.order_by(PreviewRow.id.desc()).limit(limit)).all()


async def spend(ask: Ask, token: str, *, spare: timedelta, longest: timedelta, device: str, country: str) -> int | None:
    """The id of the playback that a link opens, spent by this call; None for one that is unknown, used or over.

    The playback lasts as long as its programme and the `spare` time, at most `longest`.
    """
    if (parts := _parts(token)) is None:
        return None
    link_id, secret = parts
    seconds = spare.total_seconds(), longest.total_seconds()
    rows = await ask(SPENT, link_id, _hash(secret), device, country, *seconds)
    return rows[0][0] if rows else None


async def living(ask: Ask, session_id: int) -> Living | None:
    """A preview that plays, as a playback session; None for one that is over or none, or whose release was deleted."""
    for row in await ask(LIVING, session_id):
        preview_id, title_id, release_id, opened_at, expires_at, device, country, *title = row
        asked = replace(titles.offer_of(title[0], title[1], title[2], ()), release_id=release_id)
        played = PlaybackSessionRow(
            **_of_nobody(preview_id, title_id, release_id),
            started_at=opened_at,
            expires_at=expires_at,
            device=device,
            country=country,
        )
        return Living(played, StaffPass(release_id, expires_at), asked, is_trailer=False)
    return None


async def shown(ask: Ask, session_id: int) -> Shown:
    """What a preview shows, and to whom."""
    (row,) = await ask(SHOWN, session_id)
    return Shown(row[0], row[1], row[2] or {})


async def end(ask: Ask, session_id: int) -> None:
    """End a preview, now or again."""
    await ask(ENDED, session_id)


def of_release(session: Session, release_id: int) -> Sequence[int]:
    """The ids of all previews of a release that were opened."""
    wanted = select(PreviewRow.id).where(PreviewRow.release_id == release_id, PreviewRow.opened_at.is_not(None))
    return session.scalars(wanted).all()


def maker(session: Session, session_id: int) -> str | None:
    """Who has made a preview's link; None for no such preview."""
    return session.scalar(select(PreviewRow.actor).where(PreviewRow.id == session_id))


def find(session: Session, session_id: int) -> PlaybackSessionRow | None:
    """A preview that was opened, over or not, as a playback session."""
    row = session.get(PreviewRow, session_id)
    if row is None or row.opened_at is None:
        return None
    times = {"started_at": row.opened_at, "expires_at": row.expires_at, "ended_at": row.ended_at}
    return PlaybackSessionRow(**_of_nobody(row.id, row.title_id, row.release_id), **times)


def _of_nobody(session_id: int, title_id: int, release_id: int) -> dict[str, Any]:
    """The fields of a session that no household has."""
    whose = {"account_id": NOBODY, "profile_id": NOBODY, "device_id": NOBODY, "isp": "unknown"}
    kind = {"prepared": False, "stopped": False}
    return {"id": session_id, "title_id": title_id, "release_id": release_id, **whose, **kind}


def _hash(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _parts(token: str) -> tuple[int, bytes] | None:
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        return None
    link_id = int.from_bytes(raw[:8])
    return (link_id, raw[8:]) if len(raw) == 8 + SECRET_BYTES and link_id < 1 << 63 else None

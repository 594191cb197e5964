"""Previews: a link that the desk has made becomes the playback of one release, for one of the staff."""

from datetime import timedelta
from typing import NamedTuple

from marquee.catalogue import previews
from marquee.catalogue.playback_sessions import Living
from marquee.catalogue.previews import Shown
from marquee.catalogue.rows import Ask
from marquee.contracts.entitlement import Limits
from marquee.logs import log
from marquee.members import streams
from marquee.members.errors import LinkSpent
from marquee.settings import settings

SPARE = timedelta(hours=1)  # beyond the programme's own time, for pauses and looking twice


class Opened(NamedTuple):
    """A preview that plays, how, and what is shown to whom."""

    living: Living
    limits: Limits
    shown: Shown


async def begin(ask: Ask, token: str, *, device: str, country: str) -> Opened:
    """Spend a link, in the caller's transaction: a refusal leaves it as it was.

    Raises LinkSpent, also where the release was deleted, and a refusal of `watching.may_play`.
    """
    longest = timedelta(seconds=settings().playback_token_s)
    session_id = await previews.spend(ask, token, spare=SPARE, longest=longest, device=device, country=country)
    if session_id is None:
        raise LinkSpent("this link was used or has expired", where="token")
    living, limits = await streams.living(ask, session_id)
    shown = await previews.shown(ask, session_id)
    log.info("preview begun", session_id=session_id, release_id=living.row.release_id, by=shown.actor)
    return Opened(living, limits, shown)

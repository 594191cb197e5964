"""Plays a title of this home from its own servers: `python -m marquee.backup.playing`, the second half of a rehearsal.

A member is made for it, who plays a title that is granted: a segment is decrypted with the licence's key and decoded.
Where there is a Chromium, the release is played in it from its replicas too. The servers stop at the end. The last line
of standard output is the outcome in JSON.
"""

import secrets
import shutil
import sys
from collections.abc import Iterable

from sqlalchemy import text

from marquee import logs
from marquee.backup.player import Player, play, sign_in
from marquee.catalogue.database import begin, migrate
from marquee.content.pipeline.verifying import require_plays
from marquee.contracts.base import Contract
from marquee.contracts.errors import GateFailed, NotFound
from marquee.contracts.members import Role
from marquee.contracts.plans import SubscriptionState
from marquee.embedded import commands
from marquee.members import plans, staff
from marquee.settings import Settings, settings
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run
from marquee.tools.scratch import scratch

EMAIL = "rehearsal@example.org"
MOST_TITLES = 20
DECODE_S = 120
SHOWN = text(
    "select t.id, t.slug, t.current_release_id from titles t"
    " where t.state = 'published' and t.current_release_id is not null order by random() limit :most"
)


class Played(Contract):
    """What was played: frames of one segment, its bytes, and whether a browser has played the release."""

    slug: str
    release_id: int
    protected: bool
    frames: int
    bytes: int
    browser: bool


def main() -> None:
    s = settings()
    logs.configure(json=s.log_json)
    names = ("postgres", "api", "origin", "shield", *s.edges)
    try:
        commands.up(s, _silent, migrate=migrate, only=names)
        sys.stdout.write(f"{play_one(s).model_dump_json()}\n")
    finally:
        commands.down(s, say=_silent)


def play_one(s: Settings) -> Played:
    """Play a title that is granted to a member with the greatest plan. Raises GateFailed when none is."""
    password = secrets.token_urlsafe(16)
    staff.create(EMAIL, password, Role.MEMBER, by="rehearsal")
    greatest = max(plans.plans().values(), key=lambda plan: plan.height)
    staff.give_plan(EMAIL, greatest.slug, SubscriptionState.ACTIVE, by="rehearsal")
    with begin() as session:
        shown = [(int(row[0]), str(row[1]), int(row[2])) for row in session.execute(SHOWN, {"most": MOST_TITLES})]
    slug, release_id, player = _granted(s, password, shown)
    try:
        content, key = player.beginning() + player.segment(1), player.key()
    finally:
        player.end()
    return Played(
        slug=slug,
        release_id=release_id,
        protected=bool(key),
        frames=decoded_frames(content, key),
        bytes=len(content),
        browser=_in_a_browser(release_id),
    )


def decoded_frames(content: bytes, key: bytes) -> int:
    """Decrypt and decode the beginning of a track with a segment; how many frames. Raises ToolFailed, GateFailed."""
    with scratch() as folder:
        path = folder / "segment.mp4"
        path.write_bytes(content)
        opened = ["-decryption_key", key.hex()] if key else []
        strict = ["-v", "error", "-xerror", "-err_detect", "explode", "-progress", "-"]
        done = run([ffmpeg(), *strict, *opened, "-i", str(path), "-f", "null", "-"], timeout_s=DECODE_S)
    said = [line.removeprefix("frame=") for line in done.stdout.decode().splitlines() if line.startswith("frame=")]
    if done.stderr or not said or not int(said[-1]):
        raise GateFailed("a segment does not decode", got=done.stderr[:300] or "no frame")
    return int(said[-1])


def _granted(s: Settings, password: str, shown: Iterable[tuple[int, str, int]]) -> tuple[str, int, Player]:
    refused = ["no title is shown"]
    for title_id, slug, release_id in shown:
        client, profile = sign_in(s.api_url, EMAIL, password)
        try:
            return slug, release_id, play(client, profile, title_id)
        except GateFailed as error:  # as of a title for other countries
            refused.append(f"{slug}: {error}")
    raise GateFailed("no title plays", got=refused[-1])


def _in_a_browser(release_id: int) -> bool:
    if not shutil.which("chromium"):
        return False
    try:
        require_plays(release_id)
    except NotFound:  # its plan is of a form of before
        return False
    return True


def _silent(_: str) -> None:
    """For what need not be said."""


if __name__ == "__main__":
    main()

"""Opens previews."""

from api import tokens
from api.context import Context
from api.playback.grant import grant
from api.playback.media import Allowed
from api.previews.schemas import Preview
from api.release_cache import facts_of
from marquee.catalogue.rows import Ask, Together
from marquee.members import previews
from marquee.members.previews import Opened


async def open_preview(
    together: Together, token: str, context: Context, address: str, base_url: str, languages: tuple[str, ...]
) -> Preview:
    """The playback that a link opens, once. Raises LinkSpent, and NotFound for a title that is being deleted."""

    async def work(ask: Ask) -> Opened:
        return await previews.begin(ask, token, device=context.device, country=context.country)

    opened = await together(work)
    row, shown = opened.living.row, opened.shown
    release = (await facts_of([row.release_id]))[row.release_id].marked(shown.marks)
    playback = grant(
        Allowed.at(row, opened.limits, address),
        release,
        token=tokens.of(row),
        position_ms=0,
        base_url=base_url,
        languages=languages,
    )
    return Preview(
        title_id=row.title_id, release_id=row.release_id, name=shown.name, staff=shown.actor, playback=playback
    )

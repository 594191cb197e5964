"""Simulated viewers of this catalogue, in the lake and among the profiles."""

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee import lake
from marquee.catalogue.database import begin
from marquee.catalogue.models import ForgottenProfile, ProfileRow
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.lake import TITLES
from marquee.contracts.shipment import Shipment
from marquee.logs import log
from marquee.settings import Audience, Profile, settings
from marquee.simulation.spec import Spec
from marquee.simulation.written import Persona, write
from marquee.viewing.forgetting import remember_to_scrub
from marquee.viewing.snapshot import SOURCE, snapshot

ORIGIN = "simulated"
BLOCK = 5_000


def simulate(spec: Spec, *, invent_titles: bool = False) -> Shipment:
    """Let simulated viewers watch the titles of the catalogue, or invented ones, and write that into the lake.

    One world per seed: another spec of the same seed takes its place. Raises NotFound when the catalogue is empty,
    Conflict in a production installation that counts real viewers and so would mix them unknowingly.
    """
    if settings().profile is Profile.PRODUCTION and settings().counted is Audience.REAL:
        raise Conflict(
            "this installation counts real viewers", where="MARQUEE_AUDIENCE", expected="simulated or all", got="real"
        )
    written = write(spec, None if invent_titles else _titles())
    with begin() as session:
        forgotten = set(session.scalars(select(ForgottenProfile.profile_id)))
        rows = [_row(spec, persona) for persona in written.profiles if persona.id not in forgotten]
        _replace(session, spec, rows)
    remember_to_scrub()
    log.info("simulated", viewers=len(rows), **written.shipment.rows)
    return written.shipment


def _titles() -> list[dict[str, object]]:
    """The catalogue's titles, as the lake has them."""
    import io

    import pyarrow.parquet as pq

    snapshot()
    kept = lake.store().read(lake.key(TITLES, "snapshot.parquet", source=SOURCE))
    rows: list[dict[str, object]] = pq.ParquetFile(io.BytesIO(kept)).read().to_pylist()
    if not rows:
        raise NotFound("nothing is published that could be watched", where="the catalogue", expected="a title")
    return rows


def _row(spec: Spec, persona: Persona) -> dict[str, object]:
    return {
        "id": persona.id,
        "name": persona.name,
        "languages": persona.languages,
        "kids": persona.kids,
        "origin": ORIGIN,
        "country": persona.country,
        "device": persona.device,
        "traits": [f"world={spec.source}"],
        "created_at": datetime.fromtimestamp(persona.created_ms / 1000, UTC),
    }


def _replace(session: Session, spec: Spec, rows: list[dict[str, object]]) -> None:
    """The profiles of a world, in place of those that an earlier one of the same seed left."""
    own = ProfileRow.traits.contains([f"world={spec.source}"])
    wanted = [row["id"] for row in rows]
    session.execute(delete(ProfileRow).where(ProfileRow.origin == ORIGIN, own, ProfileRow.id.not_in(wanted)))
    for start in range(0, len(rows), BLOCK):
        session.execute(insert(ProfileRow).values(rows[start : start + BLOCK]).on_conflict_do_nothing())

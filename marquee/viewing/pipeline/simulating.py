"""Simulates viewers of this catalogue: rows in the lake, profiles in the catalogue."""

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marquee.catalogue import experiments, profiles, progress
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow, ProfileRow, Title
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.lake import SESSIONS, TITLES
from marquee.contracts.shipment import Shipment
from marquee.logs import log
from marquee.settings import Audience, Profile, settings
from marquee.viewing import lake
from marquee.viewing.pipeline.deletion import scrub_again
from marquee.viewing.pipeline.snapshot import snapshot
from marquee.viewing.pipeline.table_files import SOURCE
from marquee.viewing.simulation.lake_writer import Persona, write
from marquee.viewing.simulation.spec import Spec

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
        deleted = profiles.deleted(session)
        rows = [_row(spec, persona) for persona in written.profiles if persona.id not in deleted]
        _replace(session, spec, rows)
        if spec.experiment:  # one that is there already goes on as it is
            experiments.start(session, spec.experiment, {"control": 0.5, "treatment": 0.5})
    scrub_again()
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
        "account_id": persona.id,
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
    """The viewers of a world, each with an account of one, in place of those of an earlier one of the same seed."""
    own = ProfileRow.traits.contains([f"world={spec.source}"])
    wanted = [row["id"] for row in rows]
    old = select(ProfileRow.account_id).where(ProfileRow.origin == ORIGIN, own, ProfileRow.id.not_in(wanted))
    session.execute(delete(AccountRow).where(AccountRow.origin == ORIGIN, AccountRow.id.in_(old)))
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        households = [{"id": row["id"], "origin": ORIGIN, "created_at": row["created_at"]} for row in block]
        session.execute(insert(AccountRow).values(households).on_conflict_do_nothing())
        session.execute(insert(ProfileRow).values(block).on_conflict_do_nothing())


def resume() -> int:
    """Give the simulated viewers whose accounts can be signed in to the places where they stopped.

    Returns the number of places. Real viewers' progress is written while they play, and never here.
    """
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    with begin() as session:
        signs_in = AccountRow.origin == ORIGIN, AccountRow.email.is_not(None)
        chosen = list(session.scalars(select(AccountRow.id).where(*signs_in)))
    keys = [key for key in lake.store().keys(SESSIONS.name) if key.endswith(".parquet")]
    if not keys or not chosen:
        return 0
    found = ds.dataset([str(lake.store().fetch(key)) for key in keys], schema=lake.schema(SESSIONS)).to_table(
        columns=["profile_id", "title_id", "last_position_ms", "ended_ms"],
        filter=pc.field("profile_id").isin(chosen),
    )
    rows = found.sort_by("ended_ms").to_pylist()
    latest = {(row["profile_id"], row["title_id"]): row for row in rows}
    with begin() as session:
        shown = set(session.scalars(select(Title.id)))
        places = [_place(row) for row in latest.values() if row["title_id"] in shown]
        progress.replace(session, chosen, places)
    return len(places)


def _place(row: dict[str, int]) -> dict[str, object]:
    return {
        "account_id": row["profile_id"],  # an account of one has its profile's id
        "profile_id": row["profile_id"],
        "title_id": row["title_id"],
        "position_ms": row["last_position_ms"],
        "updated_at": datetime.fromtimestamp(row["ended_ms"] / 1000, UTC),
    }

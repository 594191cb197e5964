"""Ships a log into the lake, each line exactly once.

A plan names the segments first. The files are named after the plan, so that a shipper that was killed and started
again writes the same files over. Then the shipment is committed, then the segments go, then the plan. What the plan
has noted tells a new shipper where the dead one stopped.
"""

import shutil
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

from marquee.contracts.base import Contract
from marquee.contracts.ids import new_id
from marquee.contracts.shipment import Shipment
from marquee.logs import log
from marquee.storage import replacing, sync
from marquee.viewing import lake
from marquee.viewing.eventlog.event_log import EventLog
from marquee.viewing.eventlog.files import batches, closed, locked
from marquee.viewing.eventlog.kinds import Kind
from marquee.viewing.eventlog.load import Load

STATE, BIN = "_shipping", "bin"
BATCH_BYTES = 32_000_000
EVENT_LOG = EventLog()


class Plan(Contract):
    """What one shipment takes: segments by their path in the log."""

    id: str
    segments: tuple[str, ...]
    shipment: str = ""  # its id, once that has been chosen
    nothing: bool = False  # there was nothing to ship in the segments


def ship(root: Path, kind: Kind = EVENT_LOG, *, deleted: Container[int] = ()) -> Shipment | None:
    """Move all that the writers below `root` have acknowledged into the lake; None when that was nothing.

    Rows of the profiles in `deleted` are dropped. A shipment that was begun by a shipper now dead is finished
    first; returned is the last one. A second shipper on the same log waits for the first. Raises OSError when the lake
    cannot be written: then everything stays in the log.
    """
    with nothing_ships(root):
        begun = _finished(root, kind, deleted)
        kind.close(root)
        plan = _plan(root, kind)
        done = [*begun, _run(root, kind, plan, deleted) if plan else None]
        kind.clear(root, root / STATE / BIN)
    return next((shipment for shipment in reversed(done) if shipment), None)


def finish(root: Path, kind: Kind = EVENT_LOG, *, deleted: Container[int] = ()) -> Shipment | None:
    """Finish what a shipper now dead has begun, and begin nothing; else as `ship`."""
    with nothing_ships(root):
        done = _finished(root, kind, deleted)
    return next((shipment for shipment in reversed(done) if shipment), None)


def tidy(root: Path) -> None:
    """Remove what was on its way into or out of the log when its shipper was killed."""
    for torn in (root / STATE).glob(".*"):
        torn.unlink()
    shutil.rmtree(root / STATE / BIN, ignore_errors=True)


def planned(root: Path) -> frozenset[str]:
    """The segments, by their path in the log, that a shipment has begun to take."""
    return frozenset(name for plan in _plans(root) for name in plan.segments)


@contextmanager
def nothing_ships(root: Path) -> Iterator[None]:
    """Until the block ends nothing of a log moves into the lake; a shipment that goes on is waited for."""
    state = root / STATE
    state.mkdir(parents=True, exist_ok=True)
    (state / "lock").touch()
    with locked(state / "lock", wait=True):
        yield


def _finished(root: Path, kind: Kind, deleted: Container[int]) -> list[Shipment | None]:
    tidy(root)
    return [_run(root, kind, plan, deleted) for plan in _plans(root)]


def _plans(root: Path) -> list[Plan]:
    return [Plan.model_validate_json(path.read_bytes()) for path in (root / STATE).glob("*.json")]


def _plan(root: Path, kind: Kind) -> Plan | None:
    segments = tuple(str(path.relative_to(root)) for path in closed(root))
    return _note(root, Plan(id=f"{kind.name}-{new_id()}", segments=segments)) if segments else None


def _run(root: Path, kind: Kind, plan: Plan, deleted: Container[int]) -> Shipment | None:
    shipment = _committed(plan.shipment)
    if shipment is None and not plan.nothing:
        load = _write(root, kind, plan, deleted)
        # Readers go by the order of ids: this one is made when all files stand, lest a later shipment has passed it.
        id_ = lake.shipment_id(kind.name) if load.files else ""
        plan = _note(root, plan.model_copy(update={"shipment": id_, "nothing": not load.files}))
        if load.files:
            shipment = load.shipment(id_)
            lake.commit(shipment)
            log.info("shipped", shipment=id_, files=len(shipment.files), **shipment.rows)
    _remove(root, plan)
    return shipment


def _committed(shipment: str) -> Shipment | None:
    key = f"{lake.SHIPMENTS}/{shipment}.json"
    return Shipment.model_validate_json(lake.store().read(key)) if shipment and lake.store().exists(key) else None


def _write(root: Path, kind: Kind, plan: Plan, deleted: Container[int]) -> Load:
    load = Load(kind, plan.id, deleted)
    done = 0
    for batch in batches([root / name for name in plan.segments], BATCH_BYTES):
        load.add(batch)
        done += len(batch)
        log.info("shipping", plan=plan.id, segments=done, of=len(plan.segments))
    return load


def _remove(root: Path, plan: Plan) -> None:
    paths = [root / name for name in plan.segments]
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths if path.parent.is_dir()}:
        sync(folder)
    (root / STATE / f"{plan.id}.json").unlink()


def _note(root: Path, plan: Plan) -> Plan:
    with replacing(root / STATE / f"{plan.id}.json") as temporary:
        temporary.write_text(plan.model_dump_json())
    return plan

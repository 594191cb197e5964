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
from marquee.viewing.eventlog.files import CLOSED, locked, writers
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
    state = root / STATE
    with nothing_ships(root):
        for torn in state.glob(".*"):
            torn.unlink()
        shutil.rmtree(state / BIN, ignore_errors=True)
        plans = [Plan.model_validate_json(path.read_bytes()) for path in state.glob("*.json")]
        begun = [_run(root, kind, plan, deleted) for plan in plans]
        kind.close(root)
        plan = _plan(root, kind)
        done = [*begun, _run(root, kind, plan, deleted) if plan else None]
        kind.clear(root, state / BIN)
    return next((shipment for shipment in reversed(done) if shipment), None)


@contextmanager
def nothing_ships(root: Path) -> Iterator[None]:
    """Until the block ends nothing of a log moves into the lake; a shipment that goes on is waited for."""
    state = root / STATE
    state.mkdir(parents=True, exist_ok=True)
    (state / "lock").touch()
    with locked(state / "lock", wait=True):
        yield


def _plan(root: Path, kind: Kind) -> Plan | None:
    segments = sorted(str(path.relative_to(root)) for folder in writers(root) for path in folder.glob(f"*{CLOSED}"))
    if not segments:
        return None
    return _note(root, Plan(id=f"{kind.name}-{new_id()}", segments=tuple(segments)))


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
    batch: list[Path] = []
    for number, name in enumerate(plan.segments, start=1):
        batch.append(root / name)
        last = number == len(plan.segments)
        if last or sum(path.stat().st_size for path in batch) >= BATCH_BYTES:
            load.add(batch)
            log.info("shipping", plan=plan.id, segments=number, of=len(plan.segments))
            batch = []
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

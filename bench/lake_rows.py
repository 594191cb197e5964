"""What the lake holds, for benches that look for what is missing."""

import pyarrow.parquet as pq

from marquee.viewing import lake


def shipped_events() -> list[tuple[int, int]]:
    """(session, seq) of every event, of the files that shipments name."""
    rows: list[tuple[int, int]] = []
    for shipment in lake.shipments():
        for key in shipment.files:
            if key.startswith("events/"):
                table = pq.read_table(lake.store().fetch(key), columns=["session_id", "seq"], partitioning=None)
                rows += zip(*(table[name].to_pylist() for name in ("session_id", "seq")), strict=True)
    return rows

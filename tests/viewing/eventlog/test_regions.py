"""A lost region's log is shipped when the region is back: all of it, once, however far the others have come."""

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from marquee.viewing import lake
from marquee.viewing.eventlog import ship as shipping
from marquee.viewing.eventlog.ship import ship
from tests.viewing.eventlog.conftest import NOON_MS, places, player, stream_id, written

REGIONS = ("eu", "us", "ap")
STREAMS = {region: stream_id(NOON_MS, n) for n, region in enumerate(REGIONS)}


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("step", ["commit", "_remove"])
def test_a_lost_regions_events_come_late_and_once(log: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    logs = {region: log.parent / region for region in REGIONS}
    for region, path in logs.items():
        written(path, *(player(STREAMS[region], seq) for seq in range(3)))

    with monkeypatch.context() as lost:  # `us` is lost in the middle of a shipment
        lost.setattr(*((lake, "commit") if step == "commit" else (shipping, "_remove")), _die)
        process = multiprocessing.get_context("fork").Process(target=ship, args=[logs["us"]])
        process.start()
        process.join(20)
        assert process.exitcode == -signal.SIGKILL
    for seq in range(3, 6):
        for region in ("eu", "ap"):
            written(logs[region], player(STREAMS[region], seq))
            ship(logs[region])

    written(logs["us"], *(player(STREAMS["us"], seq) for seq in range(3, 6)))  # it is back
    for _ in range(2):
        for path in logs.values():
            ship(path)
    assert places() == sorted((stream, seq) for stream in STREAMS.values() for seq in range(6))
    ids = [shipment.id for shipment in lake.shipments()]
    assert len(ids) == len(set(ids))

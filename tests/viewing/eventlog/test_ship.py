import os
import random
import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from marquee.contracts.lake import partition_of
from marquee.settings import settings
from marquee.viewing import lake
from marquee.viewing.eventlog import closing, segments
from marquee.viewing.eventlog.files import locked, writers
from marquee.viewing.eventlog.lines import context_part, dead_letter_line
from marquee.viewing.eventlog.reader import unshipped
from marquee.viewing.eventlog.ship import STATE, ship
from marquee.viewing.eventlog.writer import Writer
from tests.viewing.eventlog.conftest import (
    NOON_MS,
    browse,
    in_a_process,
    letter,
    open_files,
    places,
    player,
    rows,
    stream_id,
    written,
)

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
SESSION = stream_id(NOON_MS)
VISIT = stream_id(NOON_MS, 1)
SILENT = "writer does not answer"


def events(said: list[EventDict]) -> list[str]:
    return [str(entry["event"]) for entry in said]


def clean(log: Path) -> bool:
    """Whether nothing is left of what was shipped."""
    return not [path for path in log.rglob("*") if path.is_file() and path != log / STATE / "lock"]


def test_every_line_becomes_a_row_with_all_it_said(log: Path) -> None:
    lines = [player(SESSION, 0, bitrate=5, rendition="ü"), player(SESSION, 1), browse(VISIT, 0), letter(3)]
    written(log, *lines)
    said = {table: [] for table in ("events", "browse", "dead_letters")}
    for row in unshipped(log):
        said[row.pop("table")].append(row)
    shipment = ship(log)
    for table, expected in said.items():
        found = rows(table)
        dt, hour = partition_of(SESSION)
        assert all(row.pop("dt") == dt and row.pop("hour", hour) == hour for row in found)
        assert [{k: v for k, v in row.items() if v is not None} for row in found] == [
            {k: v for k, v in row.items() if v is not None} for row in expected
        ]
    assert shipment
    assert shipment.rows == {"events": 2, "browse": 1, "dead_letters": 1}
    assert shipment.partitions == dict.fromkeys(said, (partition_of(SESSION)[0],))
    assert list(lake.shipments()) == [shipment]
    assert clean(log)


def test_an_event_lies_where_its_stream_began_however_late_it_comes(log: Path) -> None:
    midnight = NOON_MS + DAY_MS // 2
    starts = [NOON_MS - 1, NOON_MS, NOON_MS + HOUR_MS - 1, NOON_MS + HOUR_MS, midnight - 1, midnight]
    streams = [stream_id(at, n) for n, at in enumerate(starts)]
    late = NOON_MS + 90 * DAY_MS
    written(log, *(player(stream, 0, at_ms=late) for stream in streams), *(letter(0, at_ms=at) for at in starts))
    ship(log)
    assert {row["session_id"]: (row["dt"], row["hour"]) for row in rows("events")} == {
        stream: partition_of(stream) for stream in streams
    }
    assert {(row["received_ms"], row["dt"]) for row in rows("dead_letters")} == {
        (at, partition_of(stream)[0]) for at, stream in zip(starts, streams, strict=True)
    }


def test_shipping_again_changes_nothing(log: Path) -> None:
    assert ship(log) is None
    written(log, player(SESSION, 0))
    assert ship(log)
    before = {key: lake.store().read(key) for key in lake.store().keys("")}
    assert ship(log) is None
    assert {key: lake.store().read(key) for key in lake.store().keys("")} == before


def test_a_file_does_not_depend_on_the_order_of_arrival(log: Path) -> None:
    lines = [player(SESSION + n % 3, n, at_ms=NOON_MS + n) for n in range(50)]
    contents = []
    for seed in range(3):
        random.Random(seed).shuffle(lines)
        written(log, *lines[:20])
        written(log, *lines[20:])
        shipment = ship(log)
        assert shipment
        contents.append([lake.store().read(key) for key in shipment.files])
    assert contents[0] == contents[1] == contents[2]


def test_what_a_live_writer_has_acknowledged_is_shipped_at_once(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MAX_AGE_S", 3600.0)
    writer = Writer(log)
    with capture_logs() as said:
        for seq in range(3):
            writer.append(player(SESSION, seq)).result(10)
            ship(log)
            assert len(places()) == seq + 1
    assert SILENT not in events(said)
    writer.close()
    ship(log)
    assert places() == [(SESSION, 0), (SESSION, 1), (SESSION, 2)]
    assert clean(log)


def test_of_a_dead_writer_all_whole_lines_are_shipped(log: Path) -> None:
    folder = log / "dead"
    folder.mkdir(parents=True)
    (folder / "lock").touch()
    (folder / "000001.ndjson").write_bytes(player(SESSION, 0))
    (folder / "000002.open").write_bytes(player(SESSION, 1) + player(SESSION, 2)[:-1])
    (folder / "000003.open").touch()
    ship(log)
    assert places() == [(SESSION, 0), (SESSION, 1)]
    assert not rows("dead_letters")
    assert clean(log)
    assert not writers(log)


def test_a_writer_that_stands_still_keeps_its_segment_for_the_next_time(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, looks = [1000.0], []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(closing.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(closing.time, "sleep", sleep)
    written(log, player(SESSION, 0))
    folder = log / "still"
    folder.mkdir()
    (folder / "lock").touch()
    (folder / "000001.open").write_bytes(player(SESSION, 1))
    with locked(folder / "lock", wait=False), capture_logs() as said:
        ship(log)
        assert places() == [(SESSION, 0)]
    assert SILENT in events(said)
    assert 10 < sum(looks) < 10.1
    assert len(looks) > 400, "the answer of a live one is seen late"
    ship(log)
    assert places() == [(SESSION, 0), (SESSION, 1)]


def test_a_line_damaged_on_disk_becomes_a_dead_letter_and_costs_no_other(log: Path) -> None:
    alien = b'{"table":"events","received_ms":1,"colour":"red"}\n'
    written(log, player(SESSION, 0), b"\0\0\0\n", b'{"table": \n', alien, player(SESSION, 1))
    ship(log)
    assert places() == [(SESSION, 0), (SESSION, 1)]
    letters = rows("dead_letters")
    assert [(row["field"], row["reason"], row["received_ms"]) for row in letters] == [
        ("line", "damaged on disk", NOON_MS)
    ] * 3


def test_events_of_forgotten_profiles_are_dropped(log: Path) -> None:
    written(log, player(SESSION, 0, profile=1), player(SESSION + 1, 0, profile=2), browse(VISIT, 0, profile=2))
    shipment = ship(log, deleted={2})
    assert [row["profile_id"] for row in rows("events") + rows("browse")] == [1]
    assert shipment
    assert shipment.rows == {"events": 1}
    written(log, player(SESSION + 1, 1, profile=2))
    assert ship(log, deleted={2}) is None
    written(
        log,
        dead_letter_line("seq", "missing", "{}", NOON_MS, context_part({"profile_id": 2})),
        letter(0, at_ms=NOON_MS),
    )
    ship(log, deleted={2})
    assert [row["profile_id"] for row in rows("dead_letters")] == [None]
    assert clean(log)


def test_many_segments_go_in_batches_of_bounded_size(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MAX_BYTES", 1)
    monkeypatch.setattr("marquee.viewing.eventlog.ship.BATCH_BYTES", 1000)
    written(log, *(player(SESSION, seq) for seq in range(20)))
    shipment = ship(log)
    assert shipment
    batches = [key[-len("-0001.parquet") :] for key in shipment.files]
    assert batches == [f"-{n:04d}.parquet" for n in range(1, len(batches) + 1)]
    assert 1 < len(batches) < 20
    assert places() == [(SESSION, seq) for seq in range(20)]


def test_when_the_lake_cannot_be_written_everything_stays_in_the_log(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(log, player(SESSION, 0))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(lake, "write", full)
        with pytest.raises(OSError, match="No space"):
            ship(log)
    assert [row["seq"] for row in unshipped(log)] == [0]
    ship(log)
    assert places() == [(SESSION, 0)]


def dead_log(log: Path) -> None:
    """A writer that was killed with one segment closed and one open. Profile 2 has a partition of its own, and more."""
    alone = player(stream_id(NOON_MS + HOUR_MS), 0, profile=2)
    folder = log / "dead"
    folder.mkdir(parents=True)
    (folder / "lock").touch()
    (folder / "000001.ndjson").write_bytes(player(SESSION, 0) + player(SESSION + 1, 0, profile=2) + alone)
    (folder / "000002.open").write_bytes(browse(VISIT, 0) + browse(VISIT + 1, 0, profile=2) + letter(1))


def test_a_shipper_killed_at_any_step_and_started_again_ships_each_line_once(log: Path) -> None:
    """And if a profile was deleted in the meantime, nothing of it comes after the kill or is left from before."""
    step, ended = 0, -signal.SIGKILL
    while ended == -signal.SIGKILL:
        dead_log(log)
        ended = in_a_process(step, lambda: ship(log))
        committed = any(lake.shipments())
        shipped = [ship(log, deleted={2}), ship(log)]
        assert shipped[1] is None
        assert len(list(lake.shipments())) == 1, step
        assert [len(rows(table)) for table in ("events", "browse", "dead_letters")] == (
            [3, 2, 1] if committed else [1, 1, 1]
        ), step
        assert clean(log), step
        shutil.rmtree(settings().home / "lake")
        step += 1
    assert ended == 0
    assert step > 20  # the acts of one shipping


def test_every_folder_whose_names_changed_reaches_the_disk_before_what_follows(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    fsync, before = os.fsync, open_files()

    def recorded(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    dead_log(log)
    monkeypatch.setattr(os, "fsync", recorded)
    ship(log)
    folders = [path for path in synced if path.is_relative_to(log) and path.name[0] != "."]
    # a segment is closed; the plan is made, then knows its shipment; the segments are removed
    assert folders == [log / "dead", log / STATE, log / STATE, log / "dead"]
    assert open_files() == before


def test_shippers_exclude_each_other_while_writers_write(log: Path) -> None:
    writers_of = [Writer(log) for _ in range(2)]
    stop = threading.Event()

    def keep_shipping() -> None:
        while not stop.is_set():
            ship(log)

    with ThreadPoolExecutor(3) as pool:
        shipping = [pool.submit(keep_shipping) for _ in range(3)]
        for seq in range(200):
            for n, writer in enumerate(writers_of):
                writer.append(player(SESSION + n, seq)).result(10)
        stop.set()
        for done in shipping:
            done.result(60)
    for writer in writers_of:
        writer.close()
    ship(log)
    assert places() == sorted((SESSION + n, seq) for seq in range(200) for n in range(2))
    assert [s.id for s in lake.shipments()] == sorted({s.id for s in lake.shipments()})

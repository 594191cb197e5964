"""Files of edges' logs are closed when their time is over, whatever lies there already."""

from structlog.testing import capture_logs

from marquee.viewing.edgelog.closing import LATE_S, SLOT_S, close_slots

SLOT = 17_000_000


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_closed_when_its_time_is_over_and_not_before(tmp_path):
    folder = tmp_path / "edge-a"
    folder.mkdir()
    for slot in (SLOT - 1, SLOT, SLOT + 1):
        (folder / f"{slot}.open").write_text(f"{slot}\n")
    over = (SLOT + 1) * SLOT_S + LATE_S
    close_slots(tmp_path, over)
    assert names(folder) == [f"{SLOT - 1}-0.ndjson", f"{SLOT}.open", f"{SLOT + 1}.open"]
    close_slots(tmp_path, over + 1)
    assert names(folder) == [f"{SLOT - 1}-0.ndjson", f"{SLOT}-0.ndjson", f"{SLOT + 1}.open"]


def test_a_line_that_came_late_takes_no_files_name(tmp_path):
    folder = tmp_path / "edge-a"
    folder.mkdir()
    for said in ("first\n", "late\n"):
        (folder / f"{SLOT}.open").write_text(said)
        close_slots(tmp_path, (SLOT + 9) * SLOT_S)
    assert {name: (folder / name).read_text() for name in names(folder)} == {
        f"{SLOT}-0.ndjson": "first\n", f"{SLOT}-1.ndjson": "late\n"
    }  # fmt: skip


def test_what_is_no_file_of_an_edge_stays_and_is_told(tmp_path):
    (tmp_path / "edge-a").mkdir()
    (tmp_path / "edge-a" / "notes.open").touch()
    with capture_logs() as said:
        close_slots(tmp_path, 9e9)
    assert names(tmp_path / "edge-a") == ["notes.open"]
    assert [entry["event"] for entry in said] == ["not a file of an edge's log"]


def test_without_edges_there_is_nothing_to_do(tmp_path):
    close_slots(tmp_path / "nowhere", 9e9)

"""Search in logs: what is found is what a reading of every line finds, in order of time."""

import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marquee.contracts.errors import InvalidInput, NotFound
from marquee.embedded.log_search import levels, positions, search, times
from marquee.embedded.log_search.entry import Entry, has_time, moment, parse
from marquee.embedded.log_search.query import Query
from marquee.embedded.log_search.sources import TASKS, sources
from marquee.settings import Settings

START = datetime(2026, 1, 31, 18, tzinfo=UTC).timestamp()
TRACES = [f"{number:032x}" for number in range(1, 40)]
WORDS = ["request", "disk is full", 'said "no"', "Zürich", "a\tb"]


@pytest.fixture
def s(tmp_path: Path) -> Settings:
    for folder in ("logs/airflow", "edge-log/edge-a"):
        (tmp_path / folder).mkdir(parents=True)
    return Settings(_env_file=None, home=tmp_path)


def a_line(rng: random.Random, at: float) -> bytes:
    """One of the forms in which services write."""
    level, word, trace = rng.choice(levels.LEVELS), rng.choice(WORDS), rng.choice(TRACES)
    stamp = moment(at)
    forms = [
        json.dumps({"timestamp": stamp, "level": level, "event": word, "trace_id": trace}),
        json.dumps({"timestamp": stamp, "level": level, "event": word, "n": 3}, ensure_ascii=False),
        json.dumps(
            {
                "time": stamp[:19] + "+00:00",
                "at": at,
                "status": rng.choice([200, 404, 503]),
                "path": "/",
                "trace_id": trace,
            }
        ),
        json.dumps({"timestamp": stamp[:23].replace("T", " ") + " UTC", "error_severity": "ERROR", "message": word}),
        f"{stamp} [{level:<9}] {word} trace_id={trace}",
        f"{stamp[:19].replace('T', ' ')},{stamp[20:23]}Z {level.upper()} {word}",
        "Traceback (most recent call last):",
        '{"cut off',
    ]
    return rng.choice(forms).encode() + b"\n"


def fill(s: Settings, rng: random.Random, lines: int = 1200) -> None:
    """Logs of several services, one of which has older files; two processes write into one file and overtake."""
    home = s.home
    chains = [
        [home / "logs/api.log.2", home / "logs/api.log.1", home / "logs/api.log"],
        [home / "logs/gateway.log"],
        [home / "logs/postgres.log"],
        [home / "edge-log/edge-a/17698824-0.ndjson", home / "edge-log/edge-a/17698825.open"],
    ]
    for chain in chains:
        at = START
        for path in chain:
            with path.open("wb") as file:
                for _ in range(lines // len(chain)):
                    at += rng.random() * 2
                    file.write(a_line(rng, at - rng.random()))
    for number in range(20):
        path = home / f"logs/airflow/dag_id=d/run_id=r{number}/task_id=t/attempt=1.log"
        path.parent.mkdir(parents=True)
        at = START + rng.random() * 1000
        path.write_bytes(b"".join(a_line(rng, at + n) for n in range(20)))


def every(s: Settings) -> list[tuple[Entry, bytes]]:
    """All lines, each read by itself."""
    found = []
    for source in sources(s):
        for path in source.paths:
            lines = path.read_bytes().splitlines(keepends=True)
            before = next(at for line in lines if (at := has_time(line)) is not None)
            for line in lines:
                entry = parse(line, source.service, before)
                before = entry.at
                found.append((entry, line))
    return found


def key(entry: Entry) -> tuple[float, str, str, str]:
    return entry.at, entry.service, entry.event, entry.json()


QUERIES = [
    Query(),
    Query(level="warning"),
    Query(level="error", since=START + 300),
    Query(trace=TRACES[3]),
    Query(trace=TRACES[3], level="critical", until=START + 600),
    *(Query(text=word) for word in WORDS),
    Query(since=START + 500, until=START + 510),
    Query(since=START + 1150),
    Query(text="Traceback", since=START + 200, until=START + 900),
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_finds_what_a_reading_of_every_line_finds_in_order(s, query, monkeypatch):
    monkeypatch.setattr(search, "SHORT", 0)  # small files too are searched for the place of a time
    monkeypatch.setattr(positions, "BLOCK", 2048)
    fill(s, random.Random(7))
    expected = [entry for entry, line in every(s) if query.accepts(entry, line)]
    found = list(search.search(sources(s), query))
    assert expected
    assert sorted(map(key, found)) == sorted(map(key, expected))
    ats = [entry.at for entry in found]
    assert ats == sorted(ats)


def test_the_last_lines_are_those_of_all_logs_together(s):
    fill(s, random.Random(8))
    expected = sorted((entry for entry, _ in every(s)), key=lambda entry: entry.at)[-50:]
    assert [e.at for e in search.latest(sources(s), 50)] == [e.at for e in expected]


def test_a_service_is_asked_for_by_name(s):
    fill(s, random.Random(9), lines=200)
    assert {source.service for source in sources(s)} == {"api", "gateway", "postgres", "edge-a", TASKS}
    assert [path.name for path in sources(s, ("api",))[0].paths] == ["api.log.2", "api.log.1", "api.log"]
    assert {entry.service for entry in search.search(sources(s, (TASKS,)), Query())} == {TASKS}
    with pytest.raises(NotFound, match=r"edge-c.*api, edge-a"):
        sources(s, ("edge-c",))


def test_an_edges_own_messages_and_its_requests_are_one_service(s):
    (s.home / "logs/edge-a.log").write_text("2026/01/31 18:00:00 [notice] 1#1: start worker processes\n")
    (s.home / "edge-log/edge-a/17698824.open").write_text(
        '{"at":1769882400.5,"method":"GET","path":"/","status":401}\n'
    )
    found = {entry.event for entry in search.search(sources(s, ("edge-a",)), Query())}
    assert "GET / 401" in found
    assert len(found) == 2


def test_a_line_without_a_time_has_that_of_the_line_before_it(s):
    lines = [f"2026-01-31T18:00:0{n}Z [info] line {n}" for n in range(3)]
    (s.home / "logs/mlflow.log").write_text("\n".join([*lines, "Traceback", "  needle"]) + "\n")
    (found,) = search.search(sources(s), Query(text="needle"))
    assert found.at == START + 2
    assert (found.level, found.event) == ("", "  needle")


def test_a_whole_trace_is_found_across_services(s):
    trace = TRACES[0]
    failed = {"timestamp": moment(START + 0.2), "level": "error", "event": "failed", "trace_id": trace}
    asked = {"at": START + 0.3, "trace_id": trace, "status": 503, "method": "GET", "path": "/v1/rows"}
    (s.home / "logs/gateway.log").write_text(json.dumps(asked) + "\n")
    (s.home / "logs/api.log").write_text(json.dumps(failed) + "\n")
    found = [(e.service, e.level, e.event) for e in search.search(sources(s), Query(trace=trace))]
    assert found == [("api", "error", "failed"), ("gateway", "error", "GET /v1/rows 503")]


def test_what_a_line_says_moves_no_terminal(s):
    entry = parse(b'{"event": "\\u001b[2J\\u202e gone", "x": "\\r"}', "api", START)
    assert entry.text().isprintable()
    assert "\\x1b[2J" in entry.text()


def test_json_comes_out_in_one_form():
    line = b'{"ts":"2026-01-31T18:00:00.5Z","level":"WARN","msg":"late","context":{"job":3}}'
    assert json.loads(parse(line, "spark", 0).json()) == {
        "time": "2026-01-31T18:00:00.500Z",
        "level": "warning",
        "service": "spark",
        "trace_id": "",
        "event": "late",
        "context": {"job": 3},
    }


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (b"2026/01/31 18:00:00 [crit] 7#7: no space left", "critical"),
        (b"2026-01-31 18:00:00,123 WARN exited: api", "warning"),
        (b"26/01/31 18:00:00 ERROR TaskSetManager: lost", "error"),
        (b"2026-01-31 18:00:00.123 UTC [9] FATAL:  password", "critical"),
        (b"2026-01-31 18:00:00.123 UTC [9] LOG:  ready", "info"),
    ],
)
def test_levels_and_times_of_other_peoples_text(line, level, monkeypatch):
    assert levels.level_of_text(line) == level
    at = times.time_of_text(line)
    local = datetime(2026, 1, 31, 18).astimezone().timestamp() if b"UTC" not in line else START
    assert int(at or 0) == int(local)


@pytest.mark.parametrize(
    ("event", "level"),
    [
        ("WARNING: Using incubator modules: jdk.incubator.vector", "warning"),
        ('{"timestamp":"2026-11-30T23:00:58.462Z","level":"WARN","service":"spark","event":"a hostname"}', "warning"),
        ('{"timestamp":"2026-11-30T23:00:58.462Z","level":"ERROR","service":"spark","event":"lost"}', "error"),
        ("2026-11-30 23:00:58 INFO mlflow: a model is kept", "info"),
        ("  warnings.warn('resource_tracker: There appear to be %d '", "warning"),
    ],
)
def test_what_a_tasks_program_says_of_itself_counts_and_not_what_airflow_says_of_it(event, level):
    line = {"timestamp": "2026-11-30T23:00:59Z", "level": "error", "logger": "task.stderr", "event": event}
    assert levels.level_of(line) == level
    assert levels.level_of(line | {"logger": "task"}) == "error"


@pytest.mark.parametrize("level", levels.LEVELS[2:])
def test_no_line_of_a_level_or_worse_is_left_out_unread(level):
    rng, milder, left_out = random.Random(1), re.compile(levels.milder(level).encode()), 0
    for _ in range(2000):
        line = a_line(rng, START)
        found = parse(line, "x", START).level
        if milder.search(line):
            left_out += 1
            assert levels.RANK[found] < levels.RANK[level], line
    assert left_out > 100


def test_times_as_people_write_them(monkeypatch):
    monkeypatch.setattr(times.time, "time", lambda: START)
    assert times.moment("90s", "--since") == START - 90
    assert times.moment("1h", "--since") == START - 3600
    assert times.moment("2026-01-31T18:00Z", "--since") == START
    with pytest.raises(InvalidInput, match=r"--until.*yesterday"):
        times.moment("yesterday", "--until")
    with pytest.raises(InvalidInput, match=r"critical.*loud"):
        levels.known("loud")


def test_the_place_of_a_time_leaves_out_no_line(s, monkeypatch):
    monkeypatch.setattr(positions, "BLOCK", 1024)
    path, rng, at, lines = s.home / "logs/api.log", random.Random(3), START, []
    for n in range(3000):
        at += rng.random()
        lines.append(f"{moment(at - rng.random() * 3)} [info] {n}" if rng.random() > 0.3 else "  a line of a traceback")
    path.write_text("\n".join(lines) + "\n")
    query = replace(Query(), since=START + 700)
    for since in (START - 5, START + 1, START + 700, at - 1, at + 9):
        offset, before = positions.of_time(path, since), path.read_bytes()
        left_out = before[:offset].decode().splitlines()
        assert offset == 0 or before[offset - 1 : offset] == b"\n"
        assert all((times.time_of_text(line.encode()) or 0) < since for line in left_out)
    assert positions.of_time(path, query.since) > len(path.read_bytes()) // 4  # most of what is older is passed over

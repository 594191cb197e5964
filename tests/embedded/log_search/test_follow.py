"""Following logs: each line that is written comes once, also while files are exchanged."""

import json
import logging.handlers
from pathlib import Path

import pytest

from marquee.embedded.log_search.follow import Follower
from marquee.embedded.log_search.query import Query
from marquee.embedded.log_search.sources import sources
from marquee.settings import Settings


@pytest.fixture
def s(tmp_path: Path) -> Settings:
    (tmp_path / "logs").mkdir()
    return Settings(_env_file=None, home=tmp_path)


@pytest.fixture
def follower(s: Settings, monkeypatch: pytest.MonkeyPatch) -> Follower:
    monkeypatch.setattr("marquee.embedded.log_search.follow.FIND_S", -1)
    return Follower(lambda: sources(s))


def line(number: int) -> str:
    return json.dumps(
        {"timestamp": f"2026-01-31T18:{number // 60:02}:{number % 60:02}Z", "level": "info", "event": str(number)}
    )


def seen(follower: Follower, **wanted: str) -> list[str]:
    return [entry.event for entry in follower.entries(Query(**wanted))]


def test_what_was_there_before_is_passed_over(s, follower):
    log = s.home / "logs/api.log"
    log.write_text(line(1) + "\n")
    follower.begin()
    assert seen(follower) == []
    with log.open("a") as file:
        file.write(line(2) + "\n" + line(3)[:10])
    assert seen(follower) == ["2"]
    with log.open("a") as file:
        file.write(line(3)[10:] + "\n")
    assert seen(follower) == ["3"]


def test_no_line_is_lost_or_told_twice_when_files_are_exchanged(s, follower):
    """As the supervisor does it: the file becomes .1, that .2, and a new one is begun."""
    handler = logging.handlers.RotatingFileHandler(s.home / "logs/api.log", maxBytes=2000, backupCount=2)
    follower.begin()
    found = []
    for number in range(300):
        handler.emit(logging.makeLogRecord({"msg": line(number)}))
        if number % 7 == 0:  # not at each line, so that a file is exchanged between two looks
            found += seen(follower)
    handler.close()
    found += seen(follower)
    assert (s.home / "logs/api.log.2").exists()
    assert found == [str(number) for number in range(300)]


def test_new_files_are_read_from_their_start_and_in_order_of_time(s, follower):
    follower.begin()
    (s.home / "logs/api.log").write_text(line(2) + "\n")
    (s.home / "logs/gateway.log").write_text(line(1) + "\n" + line(3) + "\n")
    assert seen(follower) == ["1", "2", "3"]


def test_only_what_is_asked_for(s, follower):
    follower.begin()
    (s.home / "logs/api.log").write_text(line(1) + "\n" + line(2).replace("info", "error") + "\n")
    assert seen(follower, level="warning") == ["2"]

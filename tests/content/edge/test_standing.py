"""A session that ends is refused at every edge; an API that is away ends none."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from marquee.content.edge.networks import network_of
from tests.content.edge.conftest import STANDING_S, EdgeNetwork
from tests.nginx_lua import said_of

SEGMENT, SMALL = "video/h264-720p/1.m4s", "video/h264-360p/1.m4s"
_sessions = itertools.count(1000)
Until = Callable[..., None]


@pytest.fixture
def session() -> int:
    return next(_sessions)


@pytest.fixture
def without_api(network: EdgeNetwork) -> Iterator[None]:
    """The API is away."""
    network.api.stop()
    yield
    network.api.start()


def status(edges: EdgeNetwork, session: int, edge: str = "a", path: str = SEGMENT, **changes: object) -> int:
    return edges.get(path, edge=edge, session=session, **changes).status_code


def refused(network: EdgeNetwork, session: int, edge: str) -> bool:
    return status(network, session, edge) == 403


def test_the_api_is_asked_once_in_a_while_and_shown_the_token(network: EdgeNetwork, session: int) -> None:
    began = time.monotonic()
    for _ in range(50):
        assert status(network, session) == 200
    asked = [each for each in network.api.asked if each[0] == str(session)]
    assert 1 <= len(asked) <= 1 + (time.monotonic() - began) / STANDING_S
    assert asked[0][1].startswith("Bearer 2.media.101.202.")


def test_questions_go_over_a_connection_that_is_kept(network: EdgeNetwork) -> None:
    before = network.api.connections, len(network.api.asked)
    assert {status(network, next(_sessions)) for _ in range(10)} == {200}
    assert len(network.api.asked) - before[1] == 10
    assert network.api.connections - before[0] <= 1


@pytest.mark.parametrize("edge", ["a", "b"])
def test_a_session_that_ends_is_soon_refused_at_each_edge(
    network: EdgeNetwork, session: int, edge: str, until: Until
) -> None:
    assert status(network, session, edge) == 200
    network.api.status[str(session)] = 403
    until(lambda: refused(network, session, edge), seconds=STANDING_S + 1)
    answer = network.get(SEGMENT, edge=edge, session=session)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "no-store")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_sessions_are_told_apart(network: EdgeNetwork, session: int) -> None:
    network.api.status[str(session)] = 403
    assert status(network, session) == 403
    assert status(network, next(_sessions)) == 200


def test_an_edge_opens_nothing_by_the_answer_for_another_title(network: EdgeNetwork, session: int) -> None:
    assert status(network, session) == 200
    assert status(network, session, title_id=10) == 403


@pytest.mark.usefixtures("without_api")
def test_without_the_api_a_new_session_plays_until_its_token_ends(network: EdgeNetwork, session: int) -> None:
    assert status(network, session) == 200
    assert status(network, session, expires=int(time.time())) == 403


def test_without_the_api_its_last_answer_holds(network: EdgeNetwork, session: int) -> None:
    ended = next(_sessions)
    network.api.status[str(ended)] = 403
    assert (status(network, session), status(network, ended)) == (200, 403)
    network.api.stop()
    try:
        deadline = time.monotonic() + 2.5 * STANDING_S
        while time.monotonic() < deadline:
            assert (status(network, session), status(network, ended)) == (200, 403)
    finally:
        network.api.start()


def test_an_api_that_does_not_answer_stops_no_playback(network: EdgeNetwork, session: int) -> None:
    network.api.wait.clear()
    try:
        answer = network.get(SEGMENT, session=session)
    finally:
        network.api.wait.set()
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() < 3


@pytest.mark.parametrize("trouble", [429, 500, 503])
def test_an_api_in_trouble_stops_no_playback(network: EdgeNetwork, session: int, trouble: int) -> None:
    network.api.status[str(session)] = trouble
    assert status(network, session) == 200


def test_a_warm_up_is_nobodys_session(network: EdgeNetwork) -> None:
    before = len(network.api.asked)
    assert status(network, 0) == 200
    assert network.api.asked[before:] == []


def test_the_question_itself_is_no_address(network: EdgeNetwork) -> None:
    assert httpx.get(f"{network.edges['a'].url}/standing").status_code == 404


@pytest.mark.parametrize(
    ("lines", "path", "expected"),
    [
        (360, SMALL, 200),
        (360, SEGMENT, 403),
        (360, "video/h264-720p/init.mp4", 403),
        (719, SEGMENT, 403),
        (720, SEGMENT, 200),
        (360, "audio/en-aac-stereo/1.m4s", 200),
        (360, "text/en/en.vtt", 200),
        (360, "thumbs/sheet-1.jpg", 200),
        (0, SEGMENT, 200),
    ],
)
def test_a_token_opens_no_picture_taller_than_its_lines(
    network: EdgeNetwork, session: int, lines: int, path: str, expected: int
) -> None:
    assert status(network, session, path=path, lines=lines, audience="media") == expected


def test_a_picture_of_unknown_size_is_for_sessions_without_a_limit(network: EdgeNetwork, session: int) -> None:
    network.add("video/odd/1.m4s", b"odd")
    assert status(network, session, path="video/odd/1.m4s") == 200
    assert status(network, session, path="video/odd/1.m4s", lines=2160) == 403


def test_of_two_pictures_of_one_size_both_are_within_its_lines(network: EdgeNetwork, session: int) -> None:
    network.add("video/h264-540p-2/1.m4s", b"the better one")
    opened = [status(network, session, path="video/h264-540p-2/1.m4s", lines=lines) for lines in (360, 540)]
    assert opened == [403, 200]


@pytest.mark.parametrize(("network_", "expected"), [("7f0000", 200), ("7f0001", 403), ("", 200), ("20010db80000", 403)])
def test_a_token_bound_to_a_network_opens_from_there_alone(
    network: EdgeNetwork, session: int, network_: str, expected: int
) -> None:
    assert status(network, session, network=network_) == expected


ADDRESSES = {
    "203.0.113.9": "cb0071",
    "::ffff:203.0.113.9": "cb0071",
    "2001:db8:7:1::1": "20010db80007",
    "2001:db8::1": "20010db80000",
    "2001:db8:0:1:2:3:4:5": "20010db80000",
    "::1": "000000000000",
}


@pytest.mark.parametrize(("address", "expected"), [*ADDRESSES.items(), ("nobody", "")])
def test_a_network_is_the_leading_bytes(address: str, expected: str) -> None:
    assert network_of(address) == expected


def test_the_edge_writes_networks_as_the_api_does(tmp_path: Path) -> None:
    found = said_of(ADDRESSES, 'require("edge").network()', tmp_path)
    assert {address: network.decode() for address, network in found.items()} == ADDRESSES

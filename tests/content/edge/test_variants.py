"""Two variants of a segment at a real edge: the session's code decides, and neither name nor header tells which."""

import httpx
import pytest

from marquee.content.edge.nginx import edge_conf
from marquee.content.edge.variants import bit, code
from marquee.content.edge.warmup import warm
from marquee.contracts.release import ReleaseFile
from tests.content.edge.conftest import KEY, RELEASE, WATERMARK_KEY, Server, free_address, user

RUNG = "h264-1080p"  # of no other test
SEGMENTS = 12
LATE = 600  # beyond the first two blocks of a code


@pytest.fixture(scope="module")
def marked(network):
    """Segments of a rendition in two variants, each naming itself."""
    network.add(f"video/{RUNG}/init.mp4", b"init")
    for number in (*range(1, SEGMENTS + 1), LATE):
        network.add(f"video/{RUNG}/{number}.m4s", b"A" * 100)
        network.add(f"video-b/{RUNG}/{number}.m4s", b"B" * 120)
    return network


def segment(network, number, session, **changes):
    answer = network.get(f"video/{RUNG}/{number}.m4s", session=session, audience="marked", **changes)
    assert answer.status_code == 200
    return answer


def served(network, session, numbers):
    return [int(segment(network, number, session).content[:1] == b"B") for number in numbers]


@pytest.mark.parametrize("session", [1, 2, 303, 2**62 + 7])
def test_a_session_gets_the_variants_of_its_code(marked, session):
    numbers = [*range(1, SEGMENTS + 1), LATE]
    coded = code(WATERMARK_KEY, RELEASE, session, LATE)
    assert served(marked, session, numbers) == [bit(coded, number - 1) for number in numbers]


def test_both_variants_are_kept_once_for_all_sessions(marked):
    for session in range(20):
        answers = [segment(marked, number, session) for number in (1, 2)]
    assert {answer.headers["X-Cache-Status"] for answer in answers} == {"HIT"}


def test_nothing_but_the_bytes_tells_variants_apart(marked):
    answers = [segment(marked, 1, session) for session in range(20)]
    assert {answer.content[:1] for answer in answers} == {b"A", b"B"}
    told = {"content-length", "date", "x-cache-status"}
    assert len({tuple((k, v) for k, v in a.headers.items() if k not in told) for a in answers}) == 1
    assert not any("video-b" in str(answer.headers) for answer in answers)


@pytest.mark.parametrize("audience", ["marked", "media", "unlisted"])
def test_the_second_variant_has_no_address(marked, audience):
    assert marked.get(f"video-b/{RUNG}/1.m4s", audience=audience).status_code == 404
    edge, path = marked.edges["a"].url, f"{marked.release.prefix}/video-b/{RUNG}/1.m4s"
    assert httpx.get(f"{edge}/{path}").status_code == 404


def test_what_is_not_a_segment_has_one_variant(marked):
    for session in range(8):
        answer = marked.get(f"video/{RUNG}/init.mp4", session=session, audience="marked")
        assert (answer.status_code, answer.content) == (200, b"init")


def test_the_limit_of_lines_holds(marked):
    answer = marked.get(f"video/{RUNG}/1.m4s", audience="marked", lines=720)
    assert answer.status_code == 403


def test_a_warm_up_fills_an_edge_with_both_variants(marked, tmp_path):
    address, log = free_address(), "/dev/null"
    origins = tuple(region.address for region in marked.regions.values())
    conf = edge_conf("edge-w", address, origins, api=marked.api.address, user=user(), access_log=log, workers="1")
    edge = Server(tmp_path / "edge", conf, address)
    edge.start()
    files = tuple(
        ReleaseFile(path=f"{folder}/{RUNG}/{number}.m4s", sha256="", size=size)
        for folder, size in (("video", 100), ("video-b", 120))
        for number in range(1, SEGMENTS + 1)
    )
    try:
        report = warm("edge-w", edge.url, marked.release.model_copy(update={"files": files}), 10**6, key=KEY)
    finally:
        edge.stop()
    assert (report.hits, report.failed) == (2 * SEGMENTS, ())


def test_an_edge_without_the_watermarks_key_serves_no_marked_release(marked, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.content.edge.conftest.WATERMARK_KEY", "")
    address, log = free_address(), "/dev/null"
    origins = tuple(region.address for region in marked.regions.values())
    conf = edge_conf("edge-n", address, origins, api=marked.api.address, user=user(), access_log=log, workers="1")
    edge = Server(tmp_path / "edge", conf, address)
    edge.start()
    url = marked.url(f"video/{RUNG}/1.m4s", audience="marked").replace(marked.edges["a"].url, edge.url)
    try:
        assert httpx.get(url).status_code == 403
        assert httpx.get(url.replace("/m/2.marked", "/m/2.media")).status_code == 401
    finally:
        edge.stop()

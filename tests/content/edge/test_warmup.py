"""Warm-up: in viewers' order, within the budget, and true about what the edge has kept."""

import shutil

import httpx
import pytest

from marquee.content.edge.warmup import warm, warming_order, within_budget
from marquee.contracts.errors import Unavailable

KEY = "a key for tests"


@pytest.fixture
def cold_edge(network):
    """Edge B with an empty cache."""
    edge = network.edges["b"]
    edge.stop()
    shutil.rmtree(edge.prefix / "cache")
    edge.start()
    return edge


def test_the_order_is_that_of_a_viewer(release):
    order = [f.path for f in warming_order(release)]
    place = order.index
    inits = [place(p) for p in order if p.endswith("init.mp4")]
    firsts = [place(p) for p in order if p.endswith("/1.m4s")]
    side = [place(p) for p in order if p.startswith(("text", "thumbs", "art"))]
    later = [place(p) for p in order if p.endswith(("/2.m4s", "/3.m4s"))]
    assert max(inits) < min(firsts)
    assert max(firsts) < min(side)
    assert max(side) < min(later)
    assert place("video/h264-360p/1.m4s") < place("video/h264-720p/1.m4s")
    assert place("audio/en-aac-stereo/2.m4s") < place("video/h264-360p/2.m4s")
    assert place("video/h264-720p/2.m4s") < place("audio/en-aac-stereo/3.m4s")


def test_the_order_holds_what_edges_serve_and_only_that(release):
    extra = release.files[0].model_copy(update={"path": "release.json"})
    ordered = warming_order(release.model_copy(update={"files": (*release.files, extra)}))
    assert sorted(f.path for f in ordered) == sorted(f.path for f in release.files)


@pytest.mark.parametrize("budget", [0, 1, 700, 20_000, 10**9])
def test_a_budget_holds_the_longest_beginning(release, budget):
    order = warming_order(release)
    chosen = within_budget(order, budget)
    assert chosen == order[: len(chosen)]
    spent = sum(f.size for f in chosen)
    assert spent <= budget
    assert chosen == order or spent + order[len(chosen)].size > budget


def test_a_warmed_edge_serves_everything_from_its_cache(network, cold_edge):
    report = warm("edge-b", cold_edge.url, network.release, 10**9, key=KEY)
    assert (report.files, report.misses, report.failed) == (len(network.release.files), 0, ())
    assert report.hits == report.files
    assert report.bytes == sum(f.size for f in network.release.files)
    for file in network.release.files:
        if file.path.startswith(("video", "audio")):
            assert network.get(file.path, edge="b").headers["X-Cache-Status"] == "HIT"


def test_beyond_the_budget_the_edge_stays_cold(network, cold_edge):
    report = warm("edge-b", cold_edge.url, network.release, 10_000, key=KEY)
    assert 0 < report.bytes <= 10_000
    assert report.files + report.skipped_for_budget == len(network.release.files)
    last = warming_order(network.release)[-1].path
    assert network.get(last, edge="b").headers["X-Cache-Status"] == "MISS"


def test_what_cannot_be_had_is_named(network, cold_edge):
    gone = network.release.files[0].model_copy(update={"path": "video/h264-720p/77.m4s"})
    longer = next(f for f in network.release.files if f.path == "video/h264-720p/3.m4s").model_copy(update={"size": 9})
    release = network.release.model_copy(update={"files": (gone, longer)})
    report = warm("edge-b", cold_edge.url, release, 10**9, key=KEY)
    assert set(report.failed) == {gone.path, longer.path}
    assert (report.hits, report.misses) == (1, 1)


def test_a_localhost_name_needs_no_resolver(network, cold_edge):
    url = cold_edge.url.replace("127.0.0.1", "edge-b.localhost")
    assert warm("edge-b", url, network.release, 10_000, key=KEY).failed == ()


def test_an_edge_that_is_down_is_said_to_be(network, release):
    with pytest.raises(Unavailable, match=r"http://127.0.0.1:9"):
        warm("edge-x", "http://127.0.0.1:9", release, 1, key=KEY)


def test_another_key_warms_nothing(network, cold_edge):
    report = warm("edge-b", cold_edge.url, network.release, 10**9, key="other")
    assert report.hits == 1  # the artwork, which needs no token
    assert httpx.get(f"{cold_edge.url}/{network.release.prefix}/art/poster.jpg").headers["X-Cache-Status"] == "HIT"

"""The shield: many edges ask the origin once, and playback outlives it. Purge: what is taken out is gone everywhere."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from marquee.content.edge.nginx import edge_conf, shield_conf
from marquee.content.edge.purge import purge, purge_all
from marquee.content.edge.signing import sign
from marquee.contracts.edge import Audience, MediaGrant
from marquee.contracts.errors import Unavailable
from tests.content.edge.conftest import KEY, RELEASE, TITLE, Server, free_address, user

EDGES = 8
SEGMENT = "video/h264-360p/1.m4s"


class Tiers:
    """Edges behind a shield, before the origins of the network."""

    def __init__(self, network, folder):
        self.network = network
        origins = tuple(region.address for region in network.regions.values())
        self.shield = self._server(folder, "shield", shield_conf, origins)
        nearest = (self.shield.address, *origins)
        more = {"api": network.api.address}
        self.edges = [self._server(folder, f"edge-{n}", edge_conf, nearest, **more) for n in range(EDGES)]

    def _server(self, folder, name, conf, origins, **more):
        address, prefix = free_address(), folder / name
        log = str(prefix / "access.log")
        text = conf(name, address, origins, user=user(), access_log=log, cache_mb=100, workers="1", **more)
        return Server(prefix, text, address)

    @property
    def servers(self):
        return [self.shield, *self.edges]

    def get(self, edge, path):
        return httpx.get(self.network.url(path).replace(self.network.edges["a"].url, edge.url))

    def caches(self):
        return {server.prefix.name: server.url for server in self.servers}

    def asked_origin(self):
        """What the shield has asked the origin for, by its log."""
        lines = (self.shield.prefix / "access.log").read_text().splitlines()
        return [line["path"] for line in map(json.loads, lines) if line["upstream_status"]]


@pytest.fixture(scope="module")
def tiers(network, tmp_path_factory):
    tiers = Tiers(network, tmp_path_factory.mktemp("tiers"))
    try:
        for server in tiers.servers:
            server.start()
        yield tiers
    finally:
        for server in tiers.servers:
            server.stop()


def test_many_edges_ask_the_origin_once(tiers, release):
    paths = [file.path for file in release.files if file.path.startswith(("video", "audio"))]
    asked = [(edge, path) for path in paths for edge in tiers.edges]
    with ThreadPoolExecutor(EDGES) as pool:
        answers = list(pool.map(lambda pair: tiers.get(*pair), asked))
    sizes = {file.path: file.size for file in release.files}
    assert [(answer.status_code, len(answer.content)) for answer in answers] == [
        (200, sizes[path]) for _, path in asked
    ]
    assert sorted(tiers.asked_origin()) == sorted(f"/{release.prefix}/{path}" for path in paths)


def test_the_shield_speaks_with_edges_alone(tiers):
    assert httpx.get(f"{tiers.shield.url}/{TITLE}/{RELEASE}/dash/manifest.mpd").status_code == 404
    assert httpx.post(f"{tiers.shield.url}/{TITLE}/{RELEASE}/{SEGMENT}").status_code == 405


def test_without_the_shield_edges_ask_the_origin(tiers):
    tiers.shield.stop()
    try:
        answer = tiers.get(tiers.edges[0], "text/en/en.vtt")
        assert (answer.status_code, answer.headers["X-Cache-Status"]) == (200, "MISS")
    finally:
        tiers.shield.start()


def test_what_is_purged_is_gone_everywhere_and_nothing_else(tiers, release):
    for edge in tiers.edges[:2]:
        assert tiers.get(edge, SEGMENT).headers["X-Cache-Status"] in {"MISS", "HIT"}
        assert tiers.get(edge, SEGMENT).headers["X-Cache-Status"] == "HIT"
    other = release.model_copy(update={"release_id": RELEASE + 1})
    assert {report.dropped for report in purge_all(tiers.caches(), other, key=KEY)} == {0}
    assert tiers.get(tiers.edges[0], SEGMENT).headers["X-Cache-Status"] == "HIT"
    reports = {report.cache: report for report in purge_all(tiers.caches(), release, key=KEY)}
    assert reports["shield"].dropped > 0
    assert reports["edge-0"].dropped > 0
    assert len(tiers.asked_origin()) == len(set(tiers.asked_origin()))
    for edge in tiers.edges[:2]:
        assert tiers.get(edge, SEGMENT).headers["X-Cache-Status"] == "MISS"
    assert tiers.asked_origin().count(f"/{release.prefix}/{SEGMENT}") == 2  # before, and once for both
    assert {report.dropped for report in purge_all({"edge-2": tiers.edges[2].url}, release, key=KEY)} == {0}


@pytest.mark.parametrize(
    "changed",
    [{"audience": Audience.MEDIA}, {"title_id": TITLE + 1}, {"release_id": RELEASE + 1}, {"expires": 1}],
    ids=["audience", "title", "release", "expired"],
)
def test_a_purge_needs_its_own_token(tiers, changed):
    grant = {"audience": Audience.PURGE, "title_id": TITLE, "release_id": RELEASE, "session_id": 0, "expires": 2**40}
    token = sign(MediaGrant.model_validate({**grant, **changed}), key=KEY)
    path = f"{TITLE}/{RELEASE}/{SEGMENT}"
    for server in (tiers.shield, tiers.edges[0]):
        assert httpx.post(f"{server.url}/purge/{token}/{path}").status_code == 403
        assert httpx.get(f"{server.url}/purge/{token}/{path}").status_code == 405
        assert token not in (server.prefix / "access.log").read_text()


def test_a_purge_opens_no_media(tiers):
    grant = MediaGrant(audience=Audience.PURGE, title_id=TITLE, release_id=RELEASE, session_id=0, expires=2**40)
    answer = httpx.get(f"{tiers.edges[0].url}/m/{sign(grant, key=KEY)}/{TITLE}/{RELEASE}/{SEGMENT}")
    assert answer.status_code == 403


def test_a_cache_that_is_away_is_named(tiers, release):
    address = free_address()
    with pytest.raises(Unavailable, match="edge-x"):
        purge("edge-x", f"http://{address}", release, key=KEY)

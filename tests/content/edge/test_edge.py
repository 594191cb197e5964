"""A real edge before real origins: who gets in, what is kept, what viewers' browsers are told."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

SEGMENT = "video/h264-720p/1.m4s"
YEAR = "public, max-age=31536000, immutable"


def test_a_signed_segment_is_delivered_whole(network):
    answer = network.get(SEGMENT)
    assert answer.status_code == 200
    assert answer.content == (network.folder / "origin/eu" / network.release.prefix / SEGMENT).read_bytes()
    assert answer.headers["Cache-Control"] == YEAR
    assert answer.headers["X-Edge"] == "edge-a"


@pytest.mark.parametrize(
    ("changes", "path", "status"),
    [
        ({"expires": 1}, SEGMENT, 403),
        ({"release_id": 203}, SEGMENT, 403),
        ({"title_id": 10}, SEGMENT, 403),
        ({"audience": "thumbs"}, SEGMENT, 403),
        ({"audience": "media"}, "thumbs/sheet-1.jpg", 200),
        ({}, "thumbs/sheet-1.jpg", 200),
        ({}, "release.json", 404),
        ({}, "dash/manifest.mpd", 404),
        ({}, "hls/master.m3u8", 404),
        ({}, "video/../release.json", 404),
        ({}, "video/.h264-720p", 404),
        ({}, "keys/key.bin", 404),
        ({}, "video/h264-720p/99.m4s", 404),
    ],
)
def test_a_token_opens_what_it_names(network, changes, path, status):
    network.get(SEGMENT)  # that it is in the cache opens nothing
    answer = network.get(path, **changes)
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    if status != 200:
        assert answer.headers["Cache-Control"] == "no-store"


def test_without_a_token_there_is_nothing_but_artwork(network):
    base, prefix = network.edges["a"].url, network.release.prefix
    assert httpx.get(f"{base}/{prefix}/{SEGMENT}").status_code == 401
    assert httpx.get(f"{base}/m/2.media.1.2.3.0..4.x/{prefix}/{SEGMENT}").status_code == 401
    assert httpx.get(f"{base}/m/{'A' * 50}/{prefix}/{SEGMENT}").status_code == 401
    assert httpx.get(f"{base}/{prefix}/release.json").status_code == 404
    poster = httpx.get(f"{base}/{prefix}/art/poster.jpg")
    assert poster.status_code == 200
    assert poster.headers["Cache-Control"] == "public, max-age=86400"


def test_a_changed_token_is_no_token(network):
    url = network.url(SEGMENT)
    place = url.index("/m/2.") + len("/m/2.media.101.202.303.0..") + 3
    changed = url[:place] + ("1" if url[place] != "1" else "2") + url[place + 1 :]
    assert httpx.get(changed).status_code == 401


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("video/h264-720p/init.mp4", "video/mp4"),
        (SEGMENT, "video/iso.segment"),
        ("text/en/en.vtt", "text/vtt"),
        ("thumbs/sheet-1.jpg", "image/jpeg"),
    ],
)
def test_every_file_says_what_it_is(network, path, kind):
    assert network.get(path).headers["Content-Type"] == kind


def test_text_travels_compressed_and_unchanged(network):
    path = "text/en/en.vtt"
    answer = network.get(path, headers={"Via": "1.1 a proxy"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.content == (network.folder / "origin/eu" / network.release.prefix / path).read_bytes()


def test_two_viewers_share_one_copy(network):
    network.add("video/h264-720p/1001.m4s", b"x" * 5000)
    assert network.get("video/h264-720p/1001.m4s", session=1).headers["X-Cache-Status"] == "MISS"
    second = httpx.get(network.url("video/h264-720p/1001.m4s", session=2) + "?CMCD=sid%3D%22a%22")
    assert second.headers["X-Cache-Status"] == "HIT"
    assert second.content == b"x" * 5000


def test_a_range_on_a_cold_edge_brings_the_whole_object(network):
    network.add("video/h264-720p/1002.m4s", bytes(range(256)) * 20)
    first = network.get("video/h264-720p/1002.m4s", headers={"Range": "bytes=10-19"})
    assert first.status_code == 206
    assert first.headers["Content-Range"] == "bytes 10-19/5120"
    assert first.content == bytes(range(10, 20))
    whole = network.get("video/h264-720p/1002.m4s")
    assert whole.headers["X-Cache-Status"] == "HIT"
    assert whole.content == bytes(range(256)) * 20


def test_a_browser_on_any_page_may_read_it(network):
    preflight = httpx.options(
        network.url(SEGMENT), headers={"Origin": "https://tv", "Access-Control-Request-Method": "GET"}
    )
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "Range" in preflight.headers["Access-Control-Allow-Headers"]
    assert int(preflight.headers["Access-Control-Max-Age"]) >= 3600
    exposed = network.get(SEGMENT).headers["Access-Control-Expose-Headers"]
    assert {"Content-Length", "Content-Range", "ETag", "X-Cache-Status"} <= set(exposed.split(", "))


def test_an_edge_takes_nothing_in(network):
    assert httpx.post(network.url(SEGMENT), content=b"x").status_code == 405
    assert httpx.put(network.url(SEGMENT), content=b"x").status_code == 405


def test_every_region_and_edge_has_the_same_validator(network):
    first, second = network.get(SEGMENT, edge="a"), network.get(SEGMENT, edge="b")
    assert (first.headers["X-Region"], second.headers["X-Region"]) == ("eu", "us")
    tag = first.headers["ETag"]
    assert second.headers["ETag"] == tag
    assert "Last-Modified" not in first.headers  # it differs from copy to copy
    again = network.get(SEGMENT, edge="b", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.headers["Cache-Control"] == YEAR


def test_the_next_region_stands_in(network):
    network.add("video/h264-720p/1003.m4s", b"only over there", "us")
    assert network.get("video/h264-720p/1003.m4s").headers["X-Region"] == "us"  # missing in the nearer one
    network.add("video/h264-720p/1004.m4s", b"everywhere")
    network.regions["eu"].stop()
    try:
        answer = network.get("video/h264-720p/1004.m4s")
    finally:
        network.regions["eu"].start()
    assert (answer.status_code, answer.headers["X-Region"]) == (200, "us")


def test_what_is_kept_plays_on_while_every_origin_is_down(network, until):
    network.get(SEGMENT)
    for region in network.regions.values():
        region.stop()
    try:
        assert network.get(SEGMENT).status_code == 200
        assert network.get("video/h264-360p/999.m4s").status_code == 502
        assert "/m/2." not in (network.edges["a"].prefix / "stderr").read_text()  # nginx quotes requests in its errors
    finally:
        for region in network.regions.values():
            region.start()
    until(lambda: network.get("video/h264-360p/999.m4s").status_code == 404)  # the edge forgives within seconds


def test_a_token_is_never_written_down(network, until):
    url = network.url("audio/en-aac-stereo/2.m4s", session=98765)
    token = url.split("/m/")[1].split("/")[0]
    httpx.get(url)
    httpx.get(url.replace("2.m4s", "2.bad?"))
    httpx.get(f"{network.edges['a'].url}/m/{token}")
    httpx.get(f"{url}?CMCD=nor%3D%22..%2Fm%2F{token}%2F3.m4s%22")
    httpx.get(f"{url}?CMCD=nor%3D%22%252Fm%252F{token}%22")
    edge = network.edges["a"]
    until(lambda: edge.logged.count('"session":"98765"') >= 4)
    written = edge.logged + (edge.prefix / "stderr").read_text()
    assert token not in written
    assert token.rpartition(".")[2] not in written
    line = next(json.loads(x) for x in written.splitlines() if '"session":"98765"' in x)
    assert line["path"] == f"/{network.release.prefix}/audio/en-aac-stereo/2.m4s"
    assert (line["edge"], line["status"], line["bytes"]) == ("edge-a", 200, 4000)


def test_a_crowd_asks_the_origin_once(network):
    network.add("video/h264-720p/1005.m4s", bytes(300_000))
    with httpx.Client() as client:
        urls = [network.url("video/h264-720p/1005.m4s", session=n) for n in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(client.get, urls))
    assert [a.status_code for a in answers] == [200] * 8
    assert sum(a.headers["X-Cache-Status"] == "MISS" for a in answers) == 1


def test_an_edge_without_a_key_lets_nobody_in(network, keyless_edge):
    signed = network.url(SEGMENT).replace(network.edges["a"].url, keyless_edge)
    assert httpx.get(signed).status_code == 401


def test_a_bucket_can_stand_behind_an_origin(network, bucket_edge):
    url = network.url(SEGMENT).replace(network.edges["a"].url, bucket_edge)
    answer = httpx.get(url)
    assert answer.status_code == 200
    assert answer.content == network.get(SEGMENT).content
    assert answer.headers["ETag"] == network.get(SEGMENT).headers["ETag"]
    assert httpx.get(url).headers["X-Cache-Status"] == "HIT"

"""Manifests of a session: nothing taller than it may play, and addresses that work as they stand."""

import re

import pytest
from defusedxml.ElementTree import fromstring

from marquee.content.edge import session_dash, session_hls
from marquee.contracts.plan import AudioRendition
from marquee.tools.hls import Tag

NS = {"": "urn:mpeg:dash:schema:mpd:2011"}
HEIGHTS = (1080, 720, 360)
MPD = """<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013" type="static">
  <Period id="0">
    <AdaptationSet id="0" contentType="video" maxWidth="1920" maxHeight="1080">
      <ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc" cenc:default_KID="a-b" />
{rungs}
    </AdaptationSet>
    <AdaptationSet id="1" contentType="video" maxWidth="3840" maxHeight="2160">
      <Representation id="uhd" width="3840" height="2160" bandwidth="9"><SegmentTemplate media="../video/av1-2160p/$Number$.m4s" /></Representation>
    </AdaptationSet>
    <AdaptationSet id="2" contentType="audio"><Representation id="a" bandwidth="1"><SegmentTemplate media="../audio/en/$Number$.m4s" /></Representation></AdaptationSet>
    <AdaptationSet id="3" contentType="image"><SegmentTemplate media="../thumbs/$Number$.jpg" /><Representation id="t" bandwidth="1" width="1280" height="720" /></AdaptationSet>
  </Period>
</MPD>
""".format(  # noqa: E501  # as packaged
    rungs="\n".join(
        f'      <Representation id="{h}" width="{h * 16 // 9}" height="{h}" bandwidth="{h}">'
        f'<SegmentTemplate media="../video/h264-{h}p/$Number$.m4s" /></Representation>'
        for h in HEIGHTS
    )
)
MEDIA = {"edge-b": "https://b.example/m/T&1/1/2", "edge-a": "https://a.example/m/T&1/1/2"}
THUMBS = {"edge-b": "https://b.example/m/P/1/2", "edge-a": "https://a.example/m/P/1/2"}
STEERING = "https://api.example/v1/steering/7"
MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,URI="audio-en-aac-stereo.m3u8",GROUP-ID="a",LANGUAGE="en",NAME="en"
#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="avc1",RESOLUTION=1920x1080,AUDIO="a"
video-h264-1080p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS="avc1",RESOLUTION=406x720,AUDIO="a"
video-h264-406p.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="mp4a"
audio-only.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=2,RESOLUTION=1920x1080,URI="video-h264-1080p-iframes.m3u8"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,RESOLUTION=406x720,URI="video-h264-406p-iframes.m3u8"
#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,RESOLUTION=320x180,CODECS="jpeg",URI="thumbs.m3u8"
"""
KID = "91da29c950c96b90a4e61a91495d65af"
PLAYLIST = f"""#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:4
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="/v1/licences/keys/{KID}",KEYFORMAT="identity",KEYFORMATVERSIONS="1"
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AAAA",KEYFORMAT="urn:uuid:edef8ba9"
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://{KID}",KEYFORMAT="com.apple.streamingkeydelivery"
#EXT-X-MAP:URI="../video/h264-406p/init.mp4"
#EXTINF:4.000,
#EXT-X-BYTERANGE:2921@84
../video/h264-406p/1.m4s
#EXTINF:1.5,
../video/h264-406p/2.m4s
#EXT-X-ENDLIST
"""


def heights(text: str) -> list[int]:
    return [
        min(int(r.get("width", 0)), int(r.get("height", 0)))
        for r in fromstring(text).iterfind(".//AdaptationSet[@contentType='video']/Representation", NS)
    ]


@pytest.mark.parametrize(
    ("lines", "left"), [(0, [1080, 720, 360, 2160]), (1080, [1080, 720, 360]), (1079, [720, 360]), (360, [360])]
)
def test_taller_pictures_are_left_out_of_dash(lines: int, left: list[int]) -> None:
    assert heights(session_dash.limited(MPD, lines)) == left


def test_an_adaptation_set_says_what_is_left_in_it() -> None:
    first = fromstring(session_dash.limited(MPD, 720)).find(".//AdaptationSet", NS)
    assert first is not None
    assert (first.get("maxWidth"), first.get("maxHeight")) == ("1280", "720")
    assert 'cenc:default_KID="a-b"' in session_dash.limited(MPD, 720)


def test_bases_come_in_the_order_of_preference_and_pictures_have_their_own() -> None:
    root = fromstring(session_dash.addressed(session_dash.limited(MPD, 0), MEDIA, THUMBS, STEERING))
    bases = [(base.get("serviceLocation"), base.text) for base in root.findall("BaseURL", NS)]
    assert bases == [(edge, f"{url}/dash/") for edge, url in MEDIA.items()]
    images = root.findall(".//AdaptationSet[@contentType='image']/BaseURL", NS)
    assert [(base.get("serviceLocation"), base.text) for base in images] == [
        (edge, f"{url}/dash/") for edge, url in THUMBS.items()
    ]
    assert root[0].tag.endswith("BaseURL")  # the schema has them first
    assert len(root.findall(".//BaseURL", NS)) == 4


def test_a_choice_of_edges_is_steered_in_dash() -> None:
    limited = session_dash.limited(MPD, 0)
    steered = fromstring(session_dash.addressed(limited, MEDIA, THUMBS, STEERING)).find("ContentSteering", NS)
    assert steered is not None
    assert (steered.text, steered.get("defaultServiceLocation")) == (STEERING, "edge-b")
    alone = {"edge-a": MEDIA["edge-a"]}
    assert fromstring(session_dash.addressed(limited, alone, alone, STEERING)).find("ContentSteering", NS) is None


def address(path: str) -> str:
    return f"https://api.example/{path}?token=t"


def at_edge(edge: str, name: str) -> str:
    return f"https://api.example/{name}?token=t&edge={edge}"


@pytest.mark.parametrize(("lines", "pictures"), [(0, [1080, 406]), (1080, [1080, 406]), (720, [406]), (405, [])])
def test_taller_pictures_are_left_out_of_hls(lines: int, pictures: list[int]) -> None:
    text = session_hls.master(MASTER, lines, ["edge-a"], at_edge)
    assert [int(n) for n in re.findall(r"/video-h264-(\d+)p\?", text)] == pictures
    assert [int(n) for n in re.findall(r"/video-h264-(\d+)p-iframes\?", text)] == pictures
    assert ("audio-only" in text) == (lines == 0)  # of unknown size
    assert 'URI="https://api.example/audio-en-aac-stereo?token=t&edge=edge-a"' in text
    assert 'URI="https://api.example/thumbs?token=t&edge=edge-a"' in text
    assert ".m3u8" not in text
    uris = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(uris) == text.count("#EXT-X-STREAM-INF:")


CHOICES = session_hls.Choices(STEERING, {}, [])


def test_pictures_have_scores_where_all_of_them_have() -> None:
    text = MASTER.replace('#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="mp4a"\naudio-only.m3u8\n', "")
    scores = {"video-h264-1080p": 96.123, "video-h264-406p": 80}
    choices = session_hls.Choices(STEERING, scores, [])
    scored = session_hls.master(text, 0, ["edge-a"], at_edge, choices)
    tags = [tag for line in scored.splitlines() if (tag := Tag.parse(line)) and tag.name == "EXT-X-STREAM-INF"]
    assert [(tag["RESOLUTION"], tag["SCORE"]) for tag in tags] == [("1920x1080", "96.12"), ("406x720", "80.00")]
    assert "SCORE" not in session_hls.master(MASTER, 0, ["edge-a"], at_edge, choices)


def test_every_key_is_one_of_the_session_once() -> None:
    lines = session_hls.session_keys([PLAYLIST, PLAYLIST], lambda kid: f"https://api.example/keys/{kid}?token=k")
    tags = [tag for line in lines if (tag := Tag.parse(line))]
    assert {tag.name for tag in tags} == {"EXT-X-SESSION-KEY"}
    uris = [tag["URI"] for tag in tags]
    assert uris == [f"https://api.example/keys/{KID}?token=k", "data:text/plain;base64,AAAA", f"skd://{KID}"]
    text = session_hls.master(MASTER, 0, ["edge-a"], at_edge, session_hls.Choices(STEERING, {}, lines))
    assert text.index("EXT-X-SESSION-KEY") < text.index("EXT-X-MEDIA")


def test_every_edge_is_a_pathway_with_groups_of_its_own() -> None:
    text = session_hls.master(MASTER, 720, ["edge-b", "edge-a"], at_edge, CHOICES)
    assert text.count(f'#EXT-X-CONTENT-STEERING:SERVER-URI="{STEERING}",PATHWAY-ID="edge-b"') == 1
    tags = [tag for line in text.splitlines() if (tag := Tag.parse(line))]
    for edge in ("edge-a", "edge-b"):
        own = [tag for tag in tags if edge in (tag["PATHWAY-ID"], tag["GROUP-ID"].removeprefix("a-"))]
        named = [tag.name for tag in own if tag.name != "EXT-X-CONTENT-STEERING"]
        assert sorted(named) == sorted(
            ["EXT-X-MEDIA", "EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-IMAGE-STREAM-INF"]
        )
        assert all(tag["AUDIO"] == f"a-{edge}" for tag in own if tag.name == "EXT-X-STREAM-INF")
        assert all(f"edge={edge}" in tag["URI"] for tag in own if tag["URI"])
        assert text.count(f"/video-h264-406p?token=t&edge={edge}\n") == 1
    assert "PATHWAY-ID" not in session_hls.master(MASTER, 0, ["edge-a"], at_edge)
    assert "1080" not in text


def test_every_address_of_a_media_playlist_is_absolute_and_nothing_else_changes() -> None:
    text = session_hls.media(PLAYLIST, address, lambda kid: f"https://api.example/keys/{kid}?token=k")
    assert "../" not in text
    assert f'URI="https://api.example/keys/{KID}?token=k",KEYFORMAT="identity"' in text
    assert "https://api.example/video/h264-406p/1.m4s?token=t\n" in text
    assert 'URI="https://api.example/video/h264-406p/init.mp4?token=t"' in text
    for kept in (f'URI="skd://{KID}"', 'URI="data:text/plain;base64,AAAA"', "#EXT-X-BYTERANGE:2921@84", "#EXTINF:1.5,"):
        assert kept in text
    assert len(text.splitlines()) == len(PLAYLIST.splitlines())


def test_fairplay_asks_for_each_playback_anew() -> None:
    def raw(kid: str) -> str:
        return f"https://api.example/keys/{kid}"

    def own(kid: str) -> str:
        return session_hls.skd(kid, 42)

    asked = f'URI="skd://{KID}?playback=42",KEYFORMAT="com.apple.streamingkeydelivery"'
    assert asked in session_hls.media(PLAYLIST, address, raw, own)
    assert any(asked in line for line in session_hls.session_keys([PLAYLIST], raw, own))


@pytest.mark.parametrize("name", ["", "../video", "a/b", "a.m3u8", "-a", "a--b", "A", "a%2f"])
def test_a_playlist_is_named_plainly(name: str) -> None:
    assert not session_hls.NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["video-h264-406p-iframes", "audio-pt-BR-aac-5.1", "text-en-sdh", "thumbs"])
def test_packaged_names_are_taken(name: str) -> None:
    assert session_hls.NAME.fullmatch(name)


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
@pytest.mark.parametrize("role", ["main", "description"])
@pytest.mark.parametrize("language", ["en", "pt-BR", "zh-Hant-TW", "es-419"])
def test_the_playlist_of_every_sound_can_be_asked_for(language: str, role: str, channels: int) -> None:
    sound = AudioRendition.model_construct(language=language, role=role, channels=channels)
    assert session_hls.NAME.fullmatch(f"audio-{sound.name}")

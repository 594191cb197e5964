"""What looks like a secret is taken out of a log line, and ids, paths and addresses of servers stay."""

import time

import pytest

from marquee.content.edge.signing import sign
from marquee.contracts.edge import Audience, MediaGrant
from marquee.redaction import GONE, redact, redacted

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
GRANT = MediaGrant(audience=Audience.MEDIA, title_id=1, release_id=2, session_id=3, expires=4_000_000_000)
SECRETS = {
    f"refused: {JWT}": "refused: [redacted]",
    "Authorization: Bearer abc.def-ghi_jkl": f"Authorization: Bearer {GONE}",
    "postgresql://marquee:s3cret@db:5432/marquee is away": f"postgresql://{GONE}@db:5432/marquee is away",
    "GET /v1/x?token=abcdef123&next=1": f"GET /v1/x?token={GONE}&next=1",
    "No such customer, key sk_test_4eC39HqLyjWDarjtT1zdp7dc": f"No such customer, key {GONE}",
    "mail to ada.l+films@mail.example.org bounced": f"mail to {GONE} bounced",
    "duplicate key value\nDETAIL:  Key (name)=(Ada) already exists.\nend": f"duplicate key value\nDETAIL:{GONE}\nend",
    "input_value='Ada Lovelace', input_type=str]": f"input_value={GONE}, input_type=str]",
}
HARMLESS = (
    "/v1/playback-sessions/915194362208839391/heartbeat",
    "https://edge-a.localhost:8091/915192003414906165/915192099070203165/video/h264-360p/30.m4s",
    "Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)",
    "ffmpeg -i film.mp4 -vf scale=1280:720 -metadata title=x out.mp4",
    "d8bfe923bde64783b83b58073820a87c",
)


@pytest.mark.parametrize(("text", "left"), SECRETS.items(), ids=str)
def test_secrets_go_and_the_rest_stays(text: str, left: str) -> None:
    assert redacted(text) == left


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_a_media_token_in_a_path_goes() -> None:
    token = sign(GRANT, key="k")
    assert redacted(f"GET /m/{token}/1/2/video/x/1.m4s") == f"GET /m/{GONE}/1/2/video/x/1.m4s"


def test_values_of_any_depth_are_looked_through() -> None:
    deep = {"a": [{"b": (f"Bearer {JWT}", 3)}], "n": 1.5, "none": None}
    assert redact(deep) == {"a": [{"b": [f"Bearer {GONE}", 3]}], "n": 1.5, "none": None}


def test_a_long_text_takes_no_long_time() -> None:
    """A traceback of 200 kB, and what a regular expression likes least: one word of that length."""
    for text in ('  File "/app/api/main.py", line 12, in x_y = 3\n' * 4000, "a=" + "x_" * 20_000):
        began = time.perf_counter()
        redacted(text)
        assert time.perf_counter() - began < 5

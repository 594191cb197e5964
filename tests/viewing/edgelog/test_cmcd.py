"""What players say of themselves: both versions, and whatever else may come."""

import random
import string
from urllib.parse import quote

import pytest

from marquee.viewing.edgelog.cmcd import MOST, parse

KNOWN = {
    "cmcd_version": 1, "cmcd_session_id": None, "sequence": None, "object_duration_ms": None, "bitrate": None,
    "buffer_ms": None, "throughput": None, "starved": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ('bl=21300,br=3200,bs,cid="x,y=2",d=4004,mtp=25400,ot=v,sid="816103437404959444"',
         {"buffer_ms": 21_300, "bitrate": 3_200_000, "starved": True, "object_duration_ms": 4004,
          "throughput": 25_400_000, "cmcd_session_id": 816103437404959444}),
        ("bl=(21300),br=(3200;v 128;a),sn=4,v=2",
         {"cmcd_version": 2, "buffer_ms": 21_300, "bitrate": 3_200_000, "sequence": 4}),
        ("bs=?0,v=2", {"cmcd_version": 2}),
        ('sid="6e2fb550-c457-11e9-bb97-0800200c9a66"', {}),
        ('sid="99999999999999999999"', {}),
        ('com.example-x="a\\"b,br=1",d=7', {"object_duration_ms": 7}),
        ("d=-5,br=1e99,bl=99999999999999999999", {"bitrate": 1000}),
    ],
)  # fmt: skip
def test_values_are_read_as_the_standard_writes_them(said, means) -> None:
    assert parse(quote(said, safe="")) == KNOWN | means


def test_nothing_says_nothing() -> None:
    assert parse("") == {}


def test_whatever_a_client_sends_is_read_without_an_error_and_fits_its_column() -> None:
    rng = random.Random(1)
    letters = string.ascii_lowercase + '=,;()"\\%.?0123456789 é'
    for _ in range(3000):
        text = "".join(rng.choice(letters) for _ in range(rng.randrange(80)))
        for value in parse(text).values():
            assert value is None or isinstance(value, bool) or 0 <= value <= max(MOST, 10**18)

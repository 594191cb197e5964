"""Media tokens: what is signed is what is read, and nothing else is accepted."""

import itertools

import pytest

from marquee.content.edge.signing import _mac, media_path, sign, verify
from marquee.contracts.edge import Audience, MediaGrant
from marquee.contracts.errors import Forbidden, Unauthorised

NOW = 1_800_000_000
GRANT = MediaGrant(audience=Audience.MEDIA, title_id=1 << 60, release_id=2, session_id=3, expires=NOW + 1)


@pytest.mark.parametrize("audience", Audience)
def test_a_grant_survives_the_journey(audience: Audience) -> None:
    grant = GRANT.model_copy(update={"audience": audience})
    assert verify(sign(grant, key="k"), key="k", now=NOW) == grant


def test_a_token_lasts_until_its_expiry_and_not_longer() -> None:
    token = sign(GRANT, key="k")
    assert verify(token, key="k", now=GRANT.expires - 0.001) == GRANT
    with pytest.raises(Forbidden):
        verify(token, key="k", now=GRANT.expires)


def test_no_single_character_may_change() -> None:
    token = sign(GRANT, key="k")
    for place, other in itertools.product(range(len(token)), "A9.-"):
        changed = token[:place] + other + token[place + 1 :]
        if changed != token:
            with pytest.raises(Unauthorised):
                verify(changed, key="k", now=NOW)


@pytest.mark.parametrize("token", ["", ".", "2.media.1.2.3.0..4", "é.é", "1." * 7])
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(Unauthorised):
        verify(token, key="k", now=NOW)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Unauthorised):
        verify(sign(GRANT, key="k"), key="l", now=NOW)


def test_the_path_names_the_granted_release() -> None:
    path = "video/h264-360p/1.m4s"
    assert media_path(GRANT, path, key="k") == f"/m/{sign(GRANT, key='k')}/{1 << 60}/2/{path}"


def signed(body: str) -> str:
    """A token whose signature is right, whatever it says."""
    return f"{body}.{_mac(body, 'k')}"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("2.media.1.2.3", "unknown form"),
        ("2.media.1.2.3.0..4.5", "unknown form"),
        ("2.media.one.2.3.0..4", "unknown form"),
        ("2.media.1.2.3.0.zz.4", "unknown form"),
        ("1.media.1.2.3.4", "another version"),
    ],
)
def test_a_form_of_another_time_is_refused_though_its_signature_is_right(body: str, says: str) -> None:
    with pytest.raises(Unauthorised, match=says):
        verify(signed(body), key="k", now=0)

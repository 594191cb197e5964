"""Keys come from a key server whole and as asked for, or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from marquee.content.drm.cpix.client import KeyServer
from marquee.content.drm.cpix.identity import Identity, read_identity
from marquee.content.drm.cpix.request import Wanted
from marquee.contracts.errors import Forbidden, GateFailed, Unavailable
from marquee.contracts.keys import TrackType
from marquee.contracts.plan import DrmScheme
from tests.content.drm.key_server import FAULTS, Party, TestKeyServer, party

WANTED = (
    Wanted(TrackType.AUDIO, "a" * 32),
    Wanted(TrackType.SD, "b" * 32, (57_600, 409_920)),
    Wanted(TrackType.HD, "c" * 32, (921_600, 2_073_600)),
)
SAID = {  # what each fault is answered with
    "another content": "about other content",
    "a key missing": "keys are missing",
    "another key id": "keys are missing",
    "a short key": "a key of the wrong size",
    "one key for all": "one key under several ids",
    "in the clear": "not encrypted",
    "a wrong MAC": "changed on its way",
    "for somebody else": "sealed for somebody else",
    "another scheme": "another scheme",
    "not signed": "not signed by the key server",
    "signed by another": "not signed by the key server",
    "changed after signing": "not signed by the key server",
    "a document type": "a document type",
    "not XML": "not XML",
}


def client(server: TestKeyServer) -> KeyServer:
    us = Identity(server.client.key, server.client.certificate)
    return KeyServer(server.url, us, server.own.certificate, "Basic b3BlcmF0b3I=", inside=True)


@pytest.mark.parametrize("scheme", [DrmScheme.CBCS, DrmScheme.CENC])
def test_the_keys_are_those_that_the_server_has(key_server: TestKeyServer, scheme: DrmScheme) -> None:
    keys = client(key_server).keys("42", WANTED, scheme)
    assert {track: key.reveal() for track, key in keys.items()} == {w.track: key_server.key(w.uuid) for w in WANTED}
    assert {key.kid for key in keys.values()} == {w.kid for w in WANTED}
    assert key_server.asked == [("42", tuple(w.uuid for w in WANTED))]
    assert list(key_server.rules.values()) == ["AUDIO", "SD", "HD"]
    assert key_server.periods == {}


def test_keys_of_crypto_periods_are_asked_for_as_such(key_server: TestKeyServer) -> None:
    wanted = [replace(each, kid=f"{n}" * 32, period=n) for n in (1, 0, 2) for each in WANTED[:1]]
    keys = client(key_server).keys("42", wanted, DrmScheme.CBCS)
    assert [key.kid[0] for key in keys[TrackType.AUDIO].periods] == ["0", "1", "2"]
    kids = {each.period: each.uuid for each in wanted}
    assert [key.reveal() for key in keys[TrackType.AUDIO].periods] == [key_server.key(kids[n]) for n in range(3)]
    assert key_server.periods == {kids[n]: str(n) for n in range(3)}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_answer_gives_no_key_and_the_next_try_is_as_good_as_the_first(
    key_server: TestKeyServer, fault: str
) -> None:
    key_server.fault = fault
    with pytest.raises(GateFailed, match=SAID[fault]) as refused:
        client(key_server).keys("42", WANTED, DrmScheme.CBCS)
    assert "secret" not in str(refused.value)
    key_server.fault = ""
    assert len(client(key_server).keys("42", WANTED, DrmScheme.CBCS)) == len(WANTED)


def test_without_the_servers_certificate_signatures_are_not_asked_for(key_server: TestKeyServer) -> None:
    key_server.fault = "not signed"
    assert len(replace(client(key_server), certificate=None).keys("42", WANTED, DrmScheme.CBCS)) == len(WANTED)


@pytest.mark.parametrize(("status", "error"), [(500, Unavailable), (403, Forbidden), (302, Unavailable)])
def test_a_server_in_trouble_is_told_apart(key_server: TestKeyServer, status: int, error: type[Exception]) -> None:
    key_server.status = status
    with pytest.raises(error, match="key server"):
        client(key_server).keys("42", WANTED, DrmScheme.CBCS)


def test_a_client_that_is_not_known_is_refused(key_server: TestKeyServer) -> None:
    with pytest.raises(Forbidden, match="refuses"):
        replace(client(key_server), authorization="").keys("42", WANTED, DrmScheme.CBCS)


def test_a_server_that_is_down_is_named_without_its_secrets(key_server: TestKeyServer) -> None:
    asking = client(key_server)
    key_server.stop()
    with pytest.raises(Unavailable, match="the key server does not answer") as refused:
        asking.keys("42", WANTED, DrmScheme.CBCS)
    assert "secret" not in str(refused.value)
    key_server.start()  # for the fixture's end


def test_a_name_that_leads_inside_reaches_nothing(key_server: TestKeyServer) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        replace(client(key_server), inside=False).keys("42", WANTED, DrmScheme.CBCS)
    assert key_server.asked == []


def test_an_identity_is_a_strong_key_with_its_own_certificate(
    tmp_path: Path, parties: tuple[Party, Party, Party]
) -> None:
    own, other, _ = parties
    assert read_identity(own.write(tmp_path / "own.pem")).certificate == own.certificate
    (tmp_path / "mixed.pem").write_bytes(own.key_pem + other.certificate_pem)
    with pytest.raises(Unavailable, match="another key's"):
        read_identity(tmp_path / "mixed.pem")
    with pytest.raises(Unavailable, match="3072"):
        read_identity(party("weak", 2048).write(tmp_path / "weak.pem"))
    (tmp_path / "empty.pem").write_bytes(b"")
    with pytest.raises(Unavailable, match="no certificate"):
        read_identity(tmp_path / "empty.pem")
    with pytest.raises(Unavailable, match="cannot be read"):
        read_identity(tmp_path / "none.pem")

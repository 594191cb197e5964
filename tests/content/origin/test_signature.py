"""A signature covers every field of a release, and anybody can check it by the public key."""

import base64
import json
import secrets

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from marquee.content.origin.replica import document
from marquee.content.origin.signature import check, public_key, sign
from marquee.contracts.errors import GateFailed, InvalidInput
from marquee.contracts.release import Release, ReleaseFile, Signature

SECRET = secrets.token_urlsafe(32)
RELEASE = Release.model_validate(
    {
        "release_id": "2", "title_id": "1", "slug": "film", "plan": "0" * 16, "profile": "test", "scheme": "cbcs",
        "created_at": "2026-01-01T00:00:00Z", "duration_s": 6, "segment_s": 2, "video": [], "audio": [], "text": [],

        "marks": {"chapters": [{"start_s": 1, "titles": {"fr": "Début", "en": "Start"}}]},
        "files": [{"path": "video/a/1.m4s", "sha256": "a" * 64, "size": 50}],
    }
)  # fmt: skip


def test_a_signed_release_passes_also_when_it_was_read_back() -> None:
    signed = sign(RELEASE, SECRET)
    check(signed, SECRET)
    check(Release.model_validate_json(document(signed)), SECRET)
    check(Release.model_validate(json.loads(json.dumps(signed.model_dump(mode="json")))), SECRET)
    said = json.loads(document(signed))
    check(Release.model_validate({name: said[name] for name in sorted(said, reverse=True)}), SECRET)
    assert sign(signed, SECRET) == signed


@pytest.mark.parametrize(
    "change",
    [
        {"duration_s": 7},
        {"slug": "other"},
        {"release_id": 3},
        {"scheme": "none"},
        {"files": ()},
        {"files": (ReleaseFile(path="video/a/1.m4s", sha256="b" * 64, size=50),)},
    ],
)
def test_any_change_is_noticed(change: dict[str, object]) -> None:
    with pytest.raises(GateFailed, match="changed since it was signed"):
        check(sign(RELEASE, SECRET).model_copy(update=change), SECRET)


def test_another_key_and_no_signature_are_told_apart() -> None:
    with pytest.raises(GateFailed, match="signed with another key"):
        check(sign(RELEASE, secrets.token_urlsafe(32)), SECRET)
    with pytest.raises(GateFailed, match="not signed"):
        check(RELEASE, SECRET)
    key = sign(RELEASE, SECRET).signature
    assert key
    for value in ("", "?", base64.b64encode(b"x" * 64).decode()):
        with pytest.raises(GateFailed, match="changed"):
            check(RELEASE.model_copy(update={"signature": Signature(key=key.key, value=value)}), SECRET)


def test_others_check_it_by_the_public_key_alone() -> None:
    signed = sign(RELEASE, SECRET)
    assert signed.signature
    body = json.loads(document(signed))
    value = base64.b64decode(body.pop("signature")["value"])
    written = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    public = load_pem_public_key(public_key(SECRET).encode())
    public.verify(value, written)  # type: ignore[union-attr, call-arg, arg-type]
    with pytest.raises(InvalidSignature):
        public.verify(value, written.replace(b"film", b"mlif"))  # type: ignore[union-attr, call-arg, arg-type]


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(InvalidInput, match="MARQUEE_SIGNING_KEY"):
        sign(RELEASE, "password")

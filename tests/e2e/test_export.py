"""A member's own copy on the whole platform: Airflow wakes by itself, and the message has the link to it."""

import email
import email.policy
import io
import json
import re
import zipfile

import pytest

from tests.e2e.conftest import EMAIL, PASSWORD, Platform, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
EXPORT = "/v1/account/export"


def token(platform: Platform) -> str | None:
    """The token of the message that tells of the copy, once it was sent."""
    for path in (platform.settings.home / "mail").glob("*.eml"):
        body = email.message_from_bytes(path.read_bytes(), policy=email.policy.default).get_body(("plain",))
        if found := re.search(r"/your-data#(\S+)", str(body.get_content() if body else "")):
            return found[1]
    return None


def test_who_asks_for_a_copy_gets_it(platform: Platform) -> None:
    viewer = platform.viewer
    platform.ask("POST", EXPORT, json={"password": PASSWORD}, headers=viewer.headers)
    link = {"token": until(lambda: token(platform), 240, "the copy is made and told of", every_s=0.5)}
    ticket = platform.ask("POST", f"{EXPORT}/ticket", json=link, headers=viewer.headers).json()["ticket"]
    archive = platform.ask("POST", f"{EXPORT}/file", data={"ticket": ticket}).content
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        (account,) = json.loads(content.read("account/accounts.json"))
        assert viewer.profile_id in [str(each["id"]) for each in json.loads(content.read("account/profiles.json"))]
    assert account["email"] == EMAIL

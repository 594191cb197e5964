"""What staff does, by the command line itself, and what the member reads of it."""

import pytest
from typer.testing import CliRunner, Result

from marquee.catalogue import audit
from marquee.catalogue.database import begin
from marquee.cli import cli
from marquee.contracts.errors import Conflict, NotFound
from marquee.contracts.members import Caller
from marquee.members import staff
from marquee.members.errors import AccountLocked, SignedOut, WeakPassword
from marquee.members.sign_in import devices
from marquee.members.sign_in.log_in import log_in
from tests.event_loop import in_loop

ADA, PASSWORD = "ada@example.org", "lantern over quiet water"
HOME = Caller("192.0.2.1")

pytestmark = pytest.mark.usefixtures("catalogue")


def marquee(*words: str) -> Result:
    return CliRunner().invoke(cli, ["member", *words])


def test_the_first_admin_is_created_with_a_password_that_is_asked_for() -> None:
    asked = CliRunner().invoke(cli, ["member", "create", ADA, "--role", "admin"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert asked.exit_code == 0, asked.output
    assert PASSWORD not in asked.output
    found = staff.find(ADA)
    assert (found.role, found.verified, found.devices) == ("admin", True, 0)
    assert "address confirmed" in marquee("find", ADA).output
    assert isinstance(marquee("create", ADA, "--password", PASSWORD).exception, Conflict)
    assert isinstance(marquee("create", "eve@example.org", "--password", "admin").exception, WeakPassword)
    assert isinstance(marquee("find", "eve@example.org").exception, NotFound)


def test_a_lock_ends_all_sign_ins_and_says_why_until_it_is_lifted() -> None:
    marquee("create", ADA, "--password", PASSWORD)
    signed_in = log_in(ADA, PASSWORD, None, HOME)
    assert marquee("lock", ADA, "--reason", "asked for").exit_code == 0
    with pytest.raises(SignedOut):
        in_loop(lambda database: devices.check_alive(database.ask, signed_in.member))
    with pytest.raises(AccountLocked, match="asked for"):
        log_in(ADA, PASSWORD, None, HOME)
    assert "locked: asked for" in marquee("find", ADA).output
    marquee("unlock", ADA)
    assert log_in(ADA, PASSWORD, None, HOME)


def test_every_action_of_staff_stands_in_the_audit_trail_with_who_did_it() -> None:
    marquee("create", ADA, "--password", PASSWORD)
    account_id = log_in(ADA, PASSWORD, None, HOME).member.account_id
    for words in (["lock", ADA, "--reason", "a"], ["unlock", ADA], ["reset-mfa", ADA], ["end-sessions", ADA],
                  ["role", ADA, "support"]):  # fmt: skip
        assert marquee(*words).exit_code == 0
    with begin() as session:
        entries = audit.listed(session, account_id)
    by_staff = [entry.kind for entry in entries if entry.actor and entry.actor.endswith("(command line)")]
    expected = ["role-given", "logged-out-everywhere", "totp-off", "unlocked", "locked", "signed-up"]
    assert by_staff == expected

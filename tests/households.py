"""Members for tests: accounts that are signed in on a device and watch as a profile, made without a log-in."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from marquee.catalogue import accounts, devices, profiles, subscriptions
from marquee.catalogue.database import begin
from marquee.catalogue.models import now
from marquee.contracts.ids import new_id
from marquee.contracts.members import Caller, Member, Origin
from marquee.contracts.plans import SubscriptionState
from marquee.members.sign_in.log_in import access_token


@dataclass(frozen=True)
class Viewer:
    """Somebody who is signed in; `headers` act for the chosen profile."""

    member: Member

    @property
    def account_id(self) -> int:
        return self.member.account_id

    @property
    def profile_id(self) -> int:
        assert self.member.profile_id is not None
        return self.member.profile_id

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {access_token(self.member)}"}

    def path(self, rest: str = "") -> str:
        return f"/v1/profiles/{self.profile_id}{rest}"

    def another(self, **profile: Any) -> "Viewer":
        """Another profile of the household, on the same device."""
        return Viewer(replace(self.member, profile_id=_profile(self.account_id, **profile)))

    def on_another_device(self, name: str = "Firefox on Linux") -> "Viewer":
        return Viewer(replace(self.member, device_id=_device(self.account_id, name)))

    def without_profile(self) -> dict[str, str]:
        """The headers of a device on which nobody was chosen."""
        return {"Authorization": f"Bearer {access_token(replace(self.member, profile_id=None))}"}


def household(
    email: str | None = None,
    *,
    plan: str | None = "premium",
    state: SubscriptionState = SubscriptionState.ACTIVE,
    verified: bool = True,
    origin: Origin = Origin.ACCOUNT,
    device: str = "Chrome on Windows",
    **profile: Any,
) -> Viewer:
    """A new account with one profile, which was chosen."""
    with begin() as session:
        row = accounts.open_account(session, email or f"{new_id()}@example.org", "no hash", origin=origin)
        assert row is not None
        account_id = row.id
        if verified:
            accounts.verify_address(session, account_id)
        if plan is not None:
            subscriptions.put(session, account_id, plan=plan, state=state, provider="test")
    device_id = _device(account_id, device)
    return Viewer(Member(account_id, device_id, _profile(account_id, **profile)))


def _device(account_id: int, name: str) -> int:
    with begin() as session:
        caller = Caller("127.0.0.1", "desktop", name)
        return devices.sign_in(session, account_id, caller, now() + timedelta(days=1)).id


def _profile(account_id: int, **values: Any) -> int:
    with begin() as session:
        return profiles.create(session, account_id, **{"name": "Ada", "languages": ["en"]} | values).id

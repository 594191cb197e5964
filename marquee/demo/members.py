"""The demo's members, each in a state worth seeing. Their passwords are of this installation, and printed."""

import base64
import hashlib
import hmac
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
from sqlalchemy import select

from marquee.catalogue import accounts, subscriptions
from marquee.catalogue.database import begin
from marquee.catalogue.models import ProfileRow
from marquee.contracts.members import Caller, Member, Origin, Role
from marquee.contracts.plans import SubscriptionState
from marquee.members import passwords, profiles, staff
from marquee.members.billing import paying, sync
from marquee.settings import Settings

BY = "demo"
LETTERS = 16  # 80 bits
LOSES = (("card", "declines"), ("renew", ""), ("fail-all", ""))  # buttons of the sandbox, after which nothing plays


class DemoMember(NamedTuple):
    """A member: `state` of the plan, if there is one; `household` are the fields of the profiles."""

    email: str
    says: str
    plan: str | None
    state: SubscriptionState = SubscriptionState.ACTIVE
    household: tuple[dict[str, Any], ...] = ()


FAMILY = (
    {"name": "Ada", "avatar": "violet", "languages": ["en", "de"]},
    {"name": "Tom", "avatar": "blue", "languages": ["en"], "age_limit": 12},
    {"name": "Kim", "avatar": "amber", "languages": ["en"], "kids": True},
)
MEMBERS = (
    DemoMember("family@example.org", "a household with children", "premium", household=FAMILY),
    DemoMember("unpaid@example.org", "whose payment failed", "standard", SubscriptionState.UNPAID, FAMILY[:1]),
    DemoMember("new@example.org", "without a plan", None, household=FAMILY[:1]),
)
WATCHER = DemoMember("watcher@example.org", "a simulated viewer with a past, once the rest is made", "premium")


def password(s: Settings, email: str) -> str:
    """A demo member's password: the same on every start, and another in every installation."""
    made = hmac.new(s.secret("master_key").encode(), f"demo member {email}".encode(), hashlib.sha256).digest()
    return base64.b32encode(made).decode()[:LETTERS].lower()


def make(s: Settings) -> None:
    """Open the accounts that are missing, with their profiles, and get them their plans. Safe to run at any time."""
    for member in MEMBERS:
        with begin() as session:
            account = accounts.by_address(session, member.email)
            held = account and subscriptions.get(session, account.id)
        account_id = account.id if account else _open(s, member)
        if member.plan and held is None:
            _subscribe(s, member, account_id, member.plan)


def _open(s: Settings, member: DemoMember) -> int:
    account_id = staff.create(member.email, password(s, member.email), Role.MEMBER, by=BY, origin=Origin.DEMO)
    for fields in member.household:
        profiles.create(Member(account_id, 0), [], territory=s.territory, **fields)
    return account_id


def _subscribe(s: Settings, member: DemoMember, account_id: int, plan: str) -> None:
    """Pay on the sandbox's page as a member does; where there is none the plan is given."""
    if not s.billing_is_sandbox:
        staff.give_plan(member.email, plan, member.state, by=BY)
        return
    with httpx.Client(base_url=s.billing_address, headers={"Origin": s.billing_address}, timeout=30) as sandbox:
        page = paying.checkout(Member(account_id, 0), plan, Caller("127.0.0.1"))
        sandbox.post(urlsplit(page).path, data={"card": "works"})
        customer_id = paying.customer(account_id)
        for action, value in LOSES if member.state is SubscriptionState.UNPAID else ():
            sandbox.post(f"/customers/{customer_id}/{action}", data={"value": value})
    sync.read_now(customer_id)


def lend_history(s: Settings) -> None:
    """Let the account of one simulated viewer be signed in to, so that what a model makes of a past can be seen."""
    kept = passwords.hashed(password(s, WATCHER.email))
    with begin() as session:
        if accounts.by_address(session, WATCHER.email):
            return
        grown_up = ProfileRow.origin == Origin.SIMULATED, ~ProfileRow.kids
        account_id = session.scalar(select(ProfileRow.account_id).where(*grown_up).order_by(ProfileRow.id).limit(1))
        if account_id is None:
            return
        accounts.change_address(session, account_id, WATCHER.email)
        accounts.set_password(session, account_id, kept)
    staff.give_plan(WATCHER.email, WATCHER.plan or "", WATCHER.state, by=BY)

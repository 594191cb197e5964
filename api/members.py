"""Who a request is from: the member of its access token, and where the request comes from."""

import asyncio
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.context import context_of
from api.deps import ApiId, AsyncCatalogue
from marquee.contracts.errors import Forbidden, Unauthorised, Unavailable
from marquee.contracts.members import Caller, Member
from marquee.members import profiles
from marquee.members.sign_in import devices

P = ParamSpec("P")
T = TypeVar("T")
_bearer = HTTPBearer(
    auto_error=False, scheme_name="member", bearerFormat="JWT", description="The `access_token` of a sign-in."
)
BROWSERS = (  # in this order: each names those after it as well
    ("Edge", "edg"), ("Opera", "opr/"), ("Samsung Internet", "samsungbrowser"), ("Firefox", "firefox"),
    ("Chrome", "chrome"), ("Safari", "safari"),
)  # fmt: skip
SYSTEMS = (("Android", "android"), ("iOS", "iphone"), ("iPadOS", "ipad"), ("Windows", "windows"), ("macOS", "mac os"),
           ("ChromeOS", "cros"), ("Linux", "linux"))  # fmt: skip


async def bearer_member(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Member:
    """The member of the access token, as of when it was issued; asks no database, and so needs no thread."""
    if credentials is None:
        raise Unauthorised("this needs a signed-in member", where="Authorization", expected="Bearer")
    return devices.member_of(credentials.credentials)


BearerMember = Annotated[Member, Depends(bearer_member)]


async def present_member(member: BearerMember, ask: AsyncCatalogue) -> Member:
    """The same, while the device is signed in: ending a sign-in takes effect at once here."""
    await devices.check_alive(ask, member)
    return member


PresentMember = Annotated[Member, Depends(present_member)]


async def present_profile(member: PresentMember) -> Member:
    """The member of the access token, who is signed in and has chosen a profile."""
    profiles.chosen(member)
    return member


PresentProfile = Annotated[Member, Depends(present_profile)]


async def own_profile(profile_id: ApiId, member: PresentProfile) -> Member:
    """The same, when the profile in the path is the chosen one."""
    return _own(profile_id, member)


OwnProfile = Annotated[Member, Depends(own_profile)]


async def bearer_profile(profile_id: ApiId, member: BearerMember) -> Member:
    """The same, as of when the token was issued: for what is only read, and often."""
    profiles.chosen(member)
    return _own(profile_id, member)


BearerProfile = Annotated[Member, Depends(bearer_profile)]


def _own(profile_id: int, member: Member) -> Member:
    if profile_id != member.profile_id:
        raise Forbidden("this profile was not chosen here", where="profile_id", got=str(profile_id))
    return member


async def visiting_member(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Member | None:
    """The member of the access token; None for a guest, who comes without one."""
    return None if credentials is None else await bearer_member(credentials)


Visitor = Annotated[Member | None, Depends(visiting_member)]


async def _caller(request: Request) -> Caller:
    context = context_of(request)
    agent = request.headers.get("user-agent", "")
    return Caller(
        network(request.client.host if request.client else ""), context.device, name_of(agent), context.country
    )


CallFrom = Annotated[Caller, Depends(_caller)]


def network(host: str) -> str:
    """What counts as one caller: an IPv4 address, or the 64 bits that one subscriber has of IPv6."""
    try:
        address = ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)


def name_of(agent: str) -> str:
    """A browser in words, such as "Firefox on Linux"; empty where the user agent names none."""
    lower = agent.lower()
    browser = next((name for name, mark in BROWSERS if mark in lower), "")
    system = next((name for name, mark in SYSTEMS if re.search(mark, lower)), "")
    return " on ".join(filter(None, (browser, system)))


class CostlyWork:
    """Runs what hashes passwords in few threads of its own, so that a flood of log-ins cannot starve playback.

    More than `waiting` calls at once are refused: they would wait longer than people do.
    """

    def __init__(self, threads: int = max(1, (os.cpu_count() or 1) // 2), waiting: int = 40) -> None:
        self._pool = ThreadPoolExecutor(threads, "passwords")
        self._free = waiting

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result. Raises Unavailable when too many wait."""
        if self._free <= 0:
            raise Unavailable("too many sign-ins at once")
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: function(*args, **kwargs))
        finally:
            self._free += 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def costly(request: Request) -> CostlyWork:
    """The process's threads for passwords."""
    found: CostlyWork = request.app.state.costly
    return found


Costly = Annotated[CostlyWork, Depends(costly)]


async def evenly(until_s: float, started: float) -> None:
    """Wait until a whole multiple of `until_s` has passed since `started` (of the event loop's clock).

    For answers that must not tell by their time what was found.
    """
    passed = asyncio.get_running_loop().time() - started
    await asyncio.sleep(until_s - passed % until_s)

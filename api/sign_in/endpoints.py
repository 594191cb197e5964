"""/v1/sign-in: log in, refresh, log out.

In a browser the refresh token is in a cookie that is HttpOnly, SameSite=Strict and sent to /v1/sign-in alone. It is the
only cookie, and the refresh is the only request that it authenticates; that request is refused when the browser says
that another site has caused it (Fetch Metadata). All other requests carry the access token in a header, which no other
site can set. That is the whole defence against forged requests.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Cookie, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import AsyncCatalogue, base_url
from api.members import CallFrom, Costly, PresentMember, evenly
from api.openapi import problems
from api.sign_in.schemas import LogIn, LogOut, PasskeyLogIn, PasskeyOptions, Refresh, Tokens
from marquee.contracts.errors import Forbidden, Unauthorised
from marquee.contracts.members import Caller
from marquee.members import passkeys
from marquee.members.errors import SignedOut
from marquee.members.sign_in import devices
from marquee.members.sign_in.log_in import SignIn, log_in
from marquee.members.sign_in.refresh import leave, refresh

router = APIRouter(prefix="/v1/sign-in", tags=["sign-in"])
COOKIE, PATH = "marquee_refresh", "/v1/sign-in"
EVEN_S = 0.1
OWN_SITE = {"", "same-origin", "none"}


@router.post("", status_code=201, responses=problems(401, 403, 422, 429, 503))
async def log_in_member(
    request: Request, response: Response, wanted: LogIn, caller: CallFrom, costly: Costly
) -> Tokens:
    """Sign in. A wrong address and a wrong password are answered alike, after the same time."""
    started = asyncio.get_running_loop().time()
    try:
        made = await costly.run(log_in, wanted.email, wanted.password, wanted.code, caller)
    except Unauthorised:
        await evenly(EVEN_S, started)
        raise
    await run_in_threadpool(_end_former, request, caller)
    return _answer(request, response, made, in_cookie=wanted.keep == "cookie")


@router.post("/passkey/options", responses=problems(503))
def ask_passkey() -> PasskeyOptions:
    """Begin a sign-in by passkey: what the browser's `navigator.credentials.get` is given, and our challenge."""
    return PasskeyOptions(**passkeys.ask()._asdict())


@router.post("/passkey", status_code=201, responses=problems(401, 403, 422, 503))
def log_in_by_passkey(request: Request, response: Response, wanted: PasskeyLogIn, caller: CallFrom) -> Tokens:
    """Sign in by what the browser has answered. A passkey needs neither password nor code."""
    made = passkeys.log_in(wanted.challenge, wanted.credential, caller)
    _end_former(request, caller)
    return _answer(request, response, made, in_cookie=wanted.keep == "cookie")


@router.post("/refresh", responses=problems(401, 403, 422, 503))
async def refresh_tokens(
    request: Request,
    response: Response,
    wanted: Refresh,
    caller: CallFrom,
    ask: AsyncCatalogue,
    marquee_refresh: Annotated[str | None, Cookie()] = None,
    sec_fetch_site: Annotated[str, Header()] = "",
) -> Tokens:
    """New tokens for a refresh token, once. One that comes again signs the device out."""
    if wanted.refresh_token is not None:
        return _answer(request, response, await refresh(ask, wanted.refresh_token, caller), in_cookie=False)
    if sec_fetch_site not in OWN_SITE:
        raise Forbidden("another site cannot refresh a sign-in", where="Sec-Fetch-Site", got=sec_fetch_site)
    if marquee_refresh is None:
        raise SignedOut("there is no sign-in here", where="Cookie", expected=COOKIE)
    return _answer(request, response, await refresh(ask, marquee_refresh, caller), in_cookie=True)


@router.post("/end", status_code=204, responses=problems(401, 422, 503))
def log_out_member(response: Response, wanted: LogOut, member: PresentMember, caller: CallFrom) -> None:
    """Sign this device out, or all of them. Access tokens that are out live on for minutes where nothing is changed."""
    if wanted.everywhere:
        devices.log_out_everywhere(member, caller)
    else:
        devices.log_out(member, caller)
    response.delete_cookie(COOKIE, path=PATH)


def _end_former(request: Request, caller: Caller) -> None:
    """End the sign-in that the browser had until now: each one begins with tokens of its own."""
    if former := request.cookies.get(COOKIE):
        leave(former, caller)


def keep_in_cookie(request: Request, response: Response, made: SignIn) -> None:
    """Give the browser its refresh token."""
    secure = base_url(request).startswith("https:")
    response.set_cookie(
        COOKIE,
        made.refresh_token,
        expires=made.refresh_expires_at,
        path=PATH,
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def _answer(request: Request, response: Response, made: SignIn, *, in_cookie: bool) -> Tokens:
    if in_cookie:
        keep_in_cookie(request, response, made)
    kept = None if in_cookie else made.refresh_token
    return Tokens(access_token=made.access_token, expires_in=made.access_s, refresh_token=kept)

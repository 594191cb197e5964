"""/v1/sign-in/provider: to the operator's OpenID Connect provider and back. The browser comes here, not its scripts."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Header, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from api.deps import base_url
from api.members import CallFrom
from api.openapi import Responses, problems
from api.sign_in.endpoints import OWN_SITE, keep_in_cookie
from marquee.contracts.errors import Forbidden, MarqueeError
from marquee.members import provider
from marquee.members.errors import ProviderRefused
from marquee.settings import settings

router = APIRouter(prefix="/v1/sign-in/provider", tags=["sign-in"])
COOKIE, PATH = "marquee_provider", "/v1/sign-in/provider"
SENT: Responses = {303: {"description": "To the provider, or back to a page of the web app"}}
Text = Annotated[str, Query(max_length=2000, pattern=r"^[^\x00]*$")]


class Provider(BaseModel):
    """The provider's name for people; null where the operator has none."""

    name: str | None


@router.get("", responses=problems(503))
def get_provider() -> Provider:
    """Whether members may sign in with a provider."""
    return Provider(name=settings().oidc_name if settings().oidc_issuer else None)


@router.get(
    "/begin", status_code=303, response_class=RedirectResponse, responses={**SENT, **problems(403, 404, 422, 503)}
)
def begin_provider_sign_in(
    request: Request, return_to: Text = "/", sec_fetch_site: Annotated[str, Header()] = ""
) -> RedirectResponse:
    """Go to the provider; afterwards to the page `return_to`. No other site can send a browser here."""
    if sec_fetch_site not in OWN_SITE:
        raise Forbidden("another site cannot begin a sign-in", where="Sec-Fetch-Site", got=sec_fetch_site)
    begun = provider.begin_sign_in(_callback(request), return_to)
    answer = RedirectResponse(begun.url, 303, {"Cache-Control": "no-store"})
    secure = base_url(request).startswith("https:")
    # Lax: the provider sends the browser back from its own site
    answer.set_cookie(
        COOKIE, begun.sealed, max_age=provider.LIFETIME_S, path=PATH, secure=secure, httponly=True, samesite="lax"
    )
    return answer


@router.get("/callback", status_code=303, response_class=RedirectResponse, responses={**SENT, **problems(422, 503)})
def finish_provider_sign_in(
    request: Request,
    caller: CallFrom,
    code: Text = "",
    state: Text = "",
    iss: Text | None = None,
    error: Text | None = None,
    marquee_provider: Annotated[str | None, Cookie()] = None,
) -> RedirectResponse:
    """Where the provider sends the browser back to. What goes wrong is shown on the page of the sign-in."""
    try:
        if error is not None:
            raise ProviderRefused("the provider has not signed you in", where="error")
        callback = _callback(request)
        done = provider.finish_sign_in(callback, marquee_provider, code=code, state=state, issuer=iss, caller=caller)
    except MarqueeError as problem:
        answer = RedirectResponse(f"/sign-in?problem={problem.type}", 303)
    else:
        answer = RedirectResponse(done.return_to, 303)
        keep_in_cookie(request, answer, done.made)
    answer.delete_cookie(COOKIE, path=PATH)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _callback(request: Request) -> str:
    """By the configured address, never by the host that a request names where one is configured."""
    return f"{base_url(request)}{PATH}/callback"

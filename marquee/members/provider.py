"""Sign-in with the operator's OpenID Connect provider (authorization code with PKCE, OpenID Connect Core 1.0).

What a sign-in needs to be finished is sealed in a cookie of the browser that began it, so no other browser can finish
it, and nothing is kept here. Its state, its nonce and its verifier are good once, for that browser and for ten minutes.
"""

import json
import secrets
import time
from functools import lru_cache
from typing import Any, NamedTuple

import httpx
import jwt
from authlib.integrations.base_client.errors import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]

from marquee.catalogue import accounts, audit, identities, mails
from marquee.catalogue.database import begin
from marquee.catalogue.models import AccountRow
from marquee.contracts.errors import InvalidInput, NotFound, Unavailable
from marquee.contracts.members import AuditKind, Caller, MailKind
from marquee.logs import log
from marquee.members import ownership
from marquee.members.addresses import normalised
from marquee.members.errors import AccountLocked, ProviderRefused
from marquee.members.sign_in.log_in import SignIn, sign_in
from marquee.settings import settings
from marquee.tools.sealing import seal, unseal

USE = "provider sign-in"
ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]  # signed by the provider's own key; never by a shared secret, or none
LIFETIME_S, TIMEOUT_S, KEPT_S = 600, 10, 3600
SCOPE = "openid email"


class Begun(NamedTuple):
    """Where the browser goes, and what it keeps until it comes back."""

    url: str
    sealed: str


class Finished(NamedTuple):
    """The signed-in device, and the page to go on with."""

    made: SignIn
    return_to: str


def begin_sign_in(callback: str, return_to: str) -> Begun:
    """Send the browser to the provider. Raises NotFound where none is set, Unavailable where it does not answer."""
    about = _metadata()
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    with _client(callback) as client:
        url, state = client.create_authorization_url(
            about["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
    kept = {
        "state": state, "nonce": nonce, "verifier": verifier, "until": time.time() + LIFETIME_S,
        "return_to": return_to if is_local(return_to) else "/",
    }  # fmt: skip
    sealed = seal(json.dumps(kept).encode(), master=settings().secret("master_key"), use=USE)
    return Begun(url, sealed.decode())


def is_local(path: str) -> bool:
    """Whether an address is a page of our own: nobody is sent elsewhere from here."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path and "\r" not in path


def finish_sign_in(
    callback: str, sealed: str | None, *, code: str, state: str, issuer: str | None, caller: Caller
) -> Finished:
    """Take what the provider has sent the browser back with.

    Raises ProviderRefused for what was not begun in this browser or is not good, AccountLocked, Unavailable.
    """
    kept = _kept(sealed)
    if not secrets.compare_digest(state.encode(), kept["state"].encode()):
        raise ProviderRefused("this sign-in was begun elsewhere", where="state")
    about = _metadata()
    if issuer is not None and issuer != about["issuer"]:  # RFC 9207: an answer of another provider
        raise ProviderRefused("this is another provider's answer", where="iss", got=issuer)
    claims = _claims(_token(callback, code, kept["verifier"], about), kept["nonce"], about)
    return Finished(sign_in(_account(claims, caller), caller), kept["return_to"])


def _kept(sealed: str | None) -> dict[str, Any]:
    try:
        content = unseal((sealed or "").encode(), masters=settings().master_keys, use=USE)
    except Unavailable:
        raise ProviderRefused("this sign-in was not begun here", where="Cookie") from None
    kept: dict[str, Any] = json.loads(content)
    if kept["until"] < time.time():
        raise ProviderRefused("this sign-in took too long; begin again", where="Cookie")
    return kept


def _client(callback: str) -> OAuth2Client:
    s = settings()
    return OAuth2Client(
        client_id=s.oidc_client_id,
        client_secret=s.oidc_client_secret.get_secret_value() or None,
        scope=SCOPE,
        redirect_uri=callback,
        code_challenge_method="S256",
        timeout=TIMEOUT_S,
        follow_redirects=False,
    )


def _token(callback: str, code: str, verifier: str, about: dict[str, Any]) -> str:
    try:
        with _client(callback) as client:
            answer = client.fetch_token(about["token_endpoint"], code=code, code_verifier=verifier)
        return str(answer["id_token"])
    except (OAuthError, KeyError, httpx.HTTPStatusError) as error:
        log.warning("the provider gave no token", error=type(error).__name__)
        raise ProviderRefused("the provider did not accept this sign-in", where="code") from None
    except (httpx.HTTPError, ValueError):
        raise Unavailable("the sign-in provider does not answer", where="MARQUEE_OIDC_ISSUER") from None


def _claims(token: str, nonce: str, about: dict[str, Any]) -> dict[str, Any]:
    """The claims of an ID token that is the provider's, for us and of this sign-in."""
    try:
        wanted = jwt.get_unverified_header(token).get("kid")
        keys = _keys(about["jwks_uri"], int(time.time() // KEPT_S), wanted)
        claims: dict[str, Any] = jwt.decode(
            token,
            keys[wanted] if wanted in keys else next(iter(keys.values())),
            algorithms=ALGORITHMS,
            audience=settings().oidc_client_id,
            issuer=about["issuer"],
            leeway=30,
            options={"require": ["exp", "iat", "sub", "aud", "iss"]},
        )
    except (jwt.PyJWTError, StopIteration):
        raise ProviderRefused("the provider's token is not good", where="id_token") from None
    if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise ProviderRefused("the provider's token is of another sign-in", where="id_token.nonce")
    if isinstance(claims["aud"], list) and claims.get("azp") != settings().oidc_client_id:
        raise ProviderRefused("the provider's token is for another client", where="id_token.azp")
    return claims


def _account(claims: dict[str, Any], caller: Caller) -> AccountRow:
    """The account of whom the claims are about: the one they had, one with their verified address, or a new one."""
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    with begin() as session:
        account_id = identities.account_of(session, issuer, subject)
        if account_id is None:
            address = _address(claims)
            account = accounts.by_address(session, address) or accounts.open_account(session, address, None)
            if account is None:
                raise Unavailable("the account is being opened elsewhere")
            ownership.prove(session, account.id)
            account_id = identities.add(session, issuer, subject, account.id)
            audit.write(session, account.id, AuditKind.PROVIDER_LINKED, caller, detail=issuer)
            mails.tell(session, MailKind.PROVIDER_LINKED, account, provider=settings().oidc_name)
        account = accounts.get(session, account_id)
    if account.locked_at is not None:
        raise AccountLocked("this account is locked", got=account.lock_reason or "")
    return account


def _address(claims: dict[str, Any]) -> str:
    """Only an address that the provider has verified opens an account, or leads to one that is there."""
    if claims.get("email_verified") is not True or not claims.get("email"):
        raise ProviderRefused("the provider has not verified your e-mail address", where="id_token.email_verified")
    try:
        return normalised(str(claims["email"]))
    except InvalidInput:
        raise ProviderRefused("the provider's address is none", where="id_token.email") from None


def _metadata() -> dict[str, Any]:
    issuer = settings().oidc_issuer.rstrip("/")
    if not issuer:
        raise NotFound("no sign-in provider is set", where="MARQUEE_OIDC_ISSUER")
    return _discovered(issuer, int(time.time() // KEPT_S))


@lru_cache(maxsize=4)
def _discovered(issuer: str, _hour: int) -> dict[str, Any]:
    """The provider's own description, asked for once in an hour (OpenID Connect Discovery 1.0)."""
    about = _fetched(f"{issuer}/.well-known/openid-configuration")
    if str(about.get("issuer", "")).rstrip("/") != issuer:
        raise Unavailable("the sign-in provider calls itself otherwise", where="MARQUEE_OIDC_ISSUER", got=issuer)
    return about


@lru_cache(maxsize=16)
def _keys(url: str, _hour: int, _kid: str | None) -> dict[str | None, jwt.PyJWK]:
    """The provider's keys by id; asked for once in an hour, and when a token names one that was not seen."""
    return {key.key_id: key for key in jwt.PyJWKSet.from_dict(_fetched(url)).keys}


def _fetched(url: str) -> dict[str, Any]:
    try:
        answer = httpx.get(url, timeout=TIMEOUT_S, follow_redirects=False).raise_for_status()
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        log.warning("the sign-in provider does not answer", url=url, error=type(error).__name__)
        raise Unavailable("the sign-in provider does not answer", where="MARQUEE_OIDC_ISSUER") from None
    return found

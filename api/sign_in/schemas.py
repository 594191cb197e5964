"""Schemas of sign-in."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

TEXT = r"^[^\x00]*$"  # PostgreSQL's text holds no NUL
Email = Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=TEXT)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=TEXT)]
Code = Annotated[str, StringConstraints(min_length=6, max_length=40, pattern=TEXT)]


class LogIn(BaseModel):
    """Address and password, and a code where the account asks for one.

    `keep` is where the refresh token goes: into a cookie that scripts cannot read, for browsers, or into the body.
    """

    model_config = ConfigDict(extra="forbid")
    email: Email
    password: Password
    code: Code | None = None
    keep: Literal["cookie", "body"] = "cookie"


class PasskeyOptions(BaseModel):
    """`public_key` is what the browser is given (Web Authentication's JSON), `challenge` what comes back with it."""

    public_key: dict[str, Any]
    challenge: str


Challenge = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=TEXT)]


class PasskeyLogIn(BaseModel):
    """The browser's answer (`PublicKeyCredential.toJSON()`), with the challenge as it was given."""

    model_config = ConfigDict(extra="forbid")
    challenge: Challenge
    credential: dict[str, Any]
    keep: Literal["cookie", "body"] = "cookie"


class Refresh(BaseModel):
    """The refresh token, where it is not in the cookie."""

    model_config = ConfigDict(extra="forbid")
    refresh_token: Annotated[str, StringConstraints(max_length=2000, pattern=TEXT)] | None = None


class AccessToken(BaseModel):
    """`access_token` lives `expires_in` seconds."""

    access_token: str
    expires_in: int
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105


class Tokens(AccessToken):
    """`refresh_token` is null when it is in the cookie; it works once."""

    refresh_token: str | None = None


class LogOut(BaseModel):
    """Whether all devices are signed out, or this one."""

    model_config = ConfigDict(extra="forbid")
    everywhere: StrictBool = Field(default=False)

"""ClearKey's JSON (W3C Encrypted Media Extensions, section 9.1), as documented to clients."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

KeyId = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{21}[AQgw]$")]  # 16 bytes: the last digit holds 2 bits


class ClearKeyRequest(BaseModel):
    """Key ids, base64url without padding."""

    kids: list[KeyId] = Field(min_length=1, max_length=256)
    type: Literal["temporary"] = "temporary"


class ClearKey(BaseModel):
    """A JSON Web Key; `k` and `kid` are base64url without padding."""

    kty: Literal["oct"]
    kid: str
    k: str


class ClearKeyLicence(BaseModel):
    """The keys asked for."""

    keys: list[ClearKey]
    type: Literal["temporary"]

"""Errors of all layers; each class has a stable problem type and an HTTP status."""

from typing import ClassVar


class MarqueeError(Exception):
    """What went wrong, where, what was expected and what was found.

    `type` is the stable last segment of the RFC 9457 problem type URI, `status` its HTTP status.
    """

    type: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, what: str, *, where: str = "", expected: str = "", got: str = "") -> None:
        self.what, self.where, self.expected, self.got = what, where, expected, got
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.got:
            parts.append(f"got {self.got}")
        return "; ".join(parts)


class InvalidInput(MarqueeError):
    """A value a person or a client sent does not hold."""

    type, status = "invalid-input", 422


class NotFound(MarqueeError):
    """The named thing does not exist, or is not for the one who asks."""

    type, status = "not-found", 404


class Conflict(MarqueeError):
    """The request contradicts the present state."""

    type, status = "conflict", 409


class Outdated(MarqueeError):
    """What is to be changed has been changed by somebody else since it was read."""

    type, status = "outdated", 412


class VersionMissing(MarqueeError):
    """A change that does not say which version it is of."""

    type, status = "version-missing", 428


class Unauthorised(MarqueeError):
    """No valid token."""

    type, status = "unauthorised", 401


class Forbidden(MarqueeError):
    """A valid token that does not cover what is asked."""

    type, status = "forbidden", 403


class Unavailable(MarqueeError):
    """Something this needs is not there at the moment; trying again later may help."""

    type, status = "unavailable", 503


class DeliveryRefused(MarqueeError):
    """A delivery that cannot become a mezzanine. `code` names the rule, for reason.json and the catalogue."""

    type, status = "delivery-refused", 422

    def __init__(self, code: str, what: str, *, where: str = "", expected: str = "", got: str = "") -> None:
        self.code = code
        super().__init__(what, where=where, expected=expected, got=got)


class ToolFailed(MarqueeError):
    """A program ended with an error, or outlived its time limit."""

    type = "tool-failed"


class GateFailed(MarqueeError):
    """A rendition or a release breaks a law it must keep (frame counts, key frames, hashes, encryption)."""

    type, status = "gate-failed", 409

"""Errors in Stripe's shape: type, code, param, message, and an HTTP status."""

from api.billing_sandbox.store import Doc

NAMES = {"checkout.session": "checkout.session", "billing_portal.session": "billing_portal session"}


class Refused(Exception):
    """What the caller is told. The work of the call is undone, unless `keep` says that it happened all the same."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type_: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        keep: bool = False,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status, self.keep = status, keep
        named = {"code": code, "param": param, "message": message, "type": type_, **more}
        self.body: Doc = {"error": {name: value for name, value in named.items() if value}}


def missing(kind: str, id_: str, param: str = "id") -> Refused:
    """404 in a path, 400 in a parameter, as Stripe has it."""
    name = NAMES.get(kind, kind.replace("_", " "))
    status = 404 if param == "id" else 400
    return Refused(f"No such {name}: '{id_}'", status=status, code="resource_missing", param=param)


def declined(decline_code: str, message: str) -> Refused:
    """402: the bank has refused; what was tried stays on record."""
    return Refused(message, status=402, type_="card_error", code="card_declined", keep=True, decline_code=decline_code)


def wrong_key(got: str) -> Refused:
    """401 for a key that is not the installation's; shows no more of it than its end."""
    if not got:
        return Refused("You did not provide an API key.", status=401)
    return Refused(f"Invalid API Key provided: ****{got[-4:] if len(got) > 8 else ''}", status=401)

"""/v1/billing/webhooks."""

from typing import Annotated

from fastapi import APIRouter, Header

from api.deps import RawBody
from marquee.members.billing import sync

router = APIRouter(prefix="/v1/billing", tags=["billing"])


@router.post("/webhooks", status_code=204, include_in_schema=False)
def take_report(body: RawBody, stripe_signature: Annotated[str, Header()] = "") -> None:
    """A report of the payment provider, signed over its raw body; its customer is read again soon.

    Twice, late or out of order changes nothing. No client calls it, so the API's description leaves it out.
    """
    sync.reported(body, stripe_signature)

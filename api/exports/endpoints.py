"""/v1/account/export."""

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from api.accounts.schemas import Link, OwnProof
from api.deps import AsyncCatalogue, RawBody
from api.exports.schemas import Export, ExportTicket
from api.members import CallFrom, Costly, PresentMember
from api.openapi import Responses, problems, raw_request
from marquee.contracts.errors import InvalidInput
from marquee.members.exports import asking, fetching
from marquee.members.sign_in import devices

router = APIRouter(prefix="/v1/account/export", tags=["accounts"])
LONGEST = 1000
FORM = {
    "type": "object",
    "required": ["ticket"],
    "additionalProperties": False,
    "properties": {"ticket": {"type": "string", "minLength": 1, "maxLength": LONGEST}},
}
# A form, so that a browser itself saves the answer, and the ticket stands in no address.
REQUEST = raw_request("application/x-www-form-urlencoded", schema=FORM)
ZIP: Responses = {200: {"description": "The archive", "content": {"application/zip": {"schema": {"type": "string"}}}}}


@router.get("", responses=problems(401, 503))
def get_export(member: PresentMember) -> Export:
    """How it stands with the latest copy of what is kept of the account."""
    found = asking.status(member)
    return Export() if found is None else Export(**found._asdict())


@router.post("", status_code=202, responses=problems(401, 409, 422, 429, 503))
async def ask_export(member: PresentMember, wanted: OwnProof, caller: CallFrom, costly: Costly) -> None:
    """Have a copy made of what is kept of the account; a message has the link to it. Once a day."""
    await costly.run(asking.ask, member, wanted.proof(), caller)


@router.post("/message", status_code=202, responses=problems(401, 404, 503))
def send_export_link(member: PresentMember) -> None:
    """Send another link to the copy; the one before works no more."""
    asking.send_again(member)


@router.post("/ticket", status_code=201, responses=problems(401, 403, 409, 410, 422, 503))
def open_export(member: PresentMember, wanted: Link) -> ExportTicket:
    """Spend the link of the message, as the member it was sent to, for a ticket that fetches the archive."""
    return ExportTicket(**fetching.ticket(member, wanted.token)._asdict())


async def _ticket(body: RawBody, ask: AsyncCatalogue) -> str:
    """The form's ticket, of a sign-in that goes on."""
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    tickets = fields.pop("ticket", [])
    if fields or len(tickets) != 1 or not 0 < len(tickets[0]) <= LONGEST:
        raise InvalidInput("not a form with a ticket", where="ticket", expected="one ticket, and nothing else")
    await devices.check_alive(ask, fetching.holder(tickets[0]))
    return tickets[0]


@router.post(
    "/file", response_class=StreamingResponse, responses=ZIP | problems(401, 409, 410, 422, 503), openapi_extra=REQUEST
)
def fetch_export(ticket: Annotated[str, Depends(_ticket)], caller: CallFrom) -> StreamingResponse:
    """The archive (zip): each table as JSON and as CSV."""
    found = fetching.download(ticket, caller)
    headers = {
        "Content-Disposition": f'attachment; filename="{found.name}"',
        "Content-Length": str(found.size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(found.content, headers=headers, media_type="application/zip")

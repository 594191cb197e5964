"""Test clocks: a time that stands still until it is advanced, for the customers made with it."""

from api.billing_sandbox import clock, wire
from api.billing_sandbox.catalogue import required
from api.billing_sandbox.errors import Refused
from api.billing_sandbox.store import Doc, rows
from api.billing_sandbox.work import Work

CREATE: wire.Schema = {"frozen_time": wire.natural, "name": wire.text}
ADVANCE: wire.Schema = {"frozen_time": wire.natural}
KEPT_S = 30 * 86_400


def create(work: Work, params: Doc) -> Doc:
    """A clock that stands at a time."""
    required(params, "frozen_time")
    state = {"status": "ready", "status_details": {}, "deletes_after": work.now + KEPT_S}
    named = {"frozen_time": params["frozen_time"], "name": params.get("name")}
    return work.add("clock", {"object": "test_helpers.test_clock", **named, **state})


def advance(work: Work, id_: str, params: Doc) -> Doc:
    """Bring a clock's customers to a later time, one after the other. What that causes is done when this answers."""
    required(params, "frozen_time")
    test_clock = work.lock("test_helpers.test_clock", id_)
    if params["frozen_time"] <= test_clock["frozen_time"]:
        raise Refused("The clock can only be advanced to a later time.", param="frozen_time")
    test_clock["frozen_time"] = params["frozen_time"]
    statement = "select id from objects where kind = 'customer' and body->>'test_clock' = %s order by id"
    for (customer_id,) in rows(work.connection, statement, id_):
        theirs = Work(work.connection, work.caller)
        theirs.enter(customer_id)
        clock.advance(theirs, params["frozen_time"])
        theirs.flush()
    return test_clock

"""The unit of work: one transaction that reads and changes the documents of one customer, and reports every change."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic_core import from_json, to_json
from sqlalchemy import Connection

from api.billing_sandbox import ids
from api.billing_sandbox.documents import EVENT_NAMES, difference, owner, public
from api.billing_sandbox.errors import Refused, missing
from api.billing_sandbox.events import envelope
from api.billing_sandbox.store import Doc, begin, rows, run

Result = TypeVar("Result")
OWNED = "select id, body::text from objects where customer = %s order by seq"
PUT = """insert into objects (id, kind, customer, created, body) values (%s, %s, %s, %s, %s)
    on conflict (id) do update set body = excluded.body, customer = excluded.customer"""
PUT_EVENT = """insert into events (id, customer, type, body, next_at, state) values (%s, %s, %s, %s, %s,
    case (select value from switches where name = 'delivery') when 'hold' then 'held' when 'drop' then 'dropped'
    else 'pending' end)"""
LOCK = "select id, ahead_s, frozen_at from customers where id = {} for update"
BY_OBJECT = LOCK.format("(select customer from objects where id = %s and kind = %s)")
NOTE_DUE = "update customers set due_at = %s where id = %s and due_at is distinct from %s"


@dataclass(frozen=True)
class Caller:
    """Who caused the work: the request's id and idempotency key; both are empty for what the clock has caused."""

    request_id: str = ""
    key: str = ""


class Work:
    """Documents as they are within the transaction. What is changed in place is written by `flush`.

    `now` is the customer's time once `enter` has named one, and the real time before.
    """

    def __init__(self, connection: Connection, caller: Caller = Caller()) -> None:
        self.connection, self.caller = connection, caller
        self.now = int(time.time())
        self.customer_id = ""
        self._docs: dict[str, Doc] = {}
        self._written: dict[str, bytes] = {}
        self._changing: set[str] = set()
        self._dropped: list[str] = []
        self._events: list[tuple[str, Doc]] = []

    def enter(self, customer_id: str, param: str = "customer") -> Doc:
        """Lock a customer, load all that is theirs and do what is due. Raises Refused where there is none."""
        if not self.customer_id and not self._load(LOCK.format("%s"), customer_id):
            raise missing("customer", customer_id, param)
        customer = self._docs.get(customer_id)
        if customer is None or customer.get("deleted"):
            raise missing("customer", customer_id, param)
        return customer

    def enter_by(self, kind: str, id_: str, param: str = "id") -> Doc:
        """Lock the customer whom an object belongs to, as `enter`; the object."""
        if not self.customer_id and not self._load(BY_OBJECT, id_, kind):
            raise missing(kind, id_, param)
        self.enter(self.customer_id)
        return self.get(kind, id_, param)

    def _load(self, lock: str, *values: str) -> bool:
        """Whether the statement has found and locked a customer, who is then loaded."""
        from api.billing_sandbox import clock

        found = rows(self.connection, lock, *values)
        if not found:
            return False
        self.customer_id, self.now = found[0][0], clock.now(*found[0][1:])
        for id_, body in rows(self.connection, OWNED, self.customer_id):
            self._keep(id_, body)
        clock.catch_up(self, self.now)
        return True

    @property
    def customer(self) -> Doc:
        return self._docs[self.customer_id]

    def get(self, kind: str, id_: str, param: str = "id") -> Doc:
        """A document by id, of the customer who was entered or of nobody. Raises Refused."""
        doc = self.find(id_)
        if doc is None or doc["object"] != kind or owner(doc) not in {"", self.customer_id}:
            raise missing(kind, id_, param)
        return doc

    def find(self, id_: str) -> Doc | None:
        """Any document by id."""
        if id_ not in self._docs:
            for _, body in rows(self.connection, "select id, body::text from objects where id = %s", id_):
                self._keep(id_, body)
        return self._docs.get(id_)

    def lock(self, kind: str, id_: str, param: str = "id") -> Doc:
        """A document that belongs to nobody, locked until the end."""
        run(self.connection, "select 1 from objects where id = %s for update", id_)
        self._docs.pop(id_, None)
        return self.get(kind, id_, param)

    def all(self, kind: str, **fields: Any) -> list[Doc]:
        """The customer's documents of a kind with those values, oldest first."""
        mine = (doc for doc in self._docs.values() if doc["object"] == kind)
        return [doc for doc in mine if all(doc.get(name) == value for name, value in fields.items())]

    def add(self, prefix: str, doc: Doc, length: int = 24) -> Doc:
        """A new document, with an id, its time and `livemode` false."""
        doc = {"id": ids.new(prefix, length), "created": self.now, "livemode": False, **doc}
        self._docs[doc["id"]] = doc
        return doc

    def drop(self, doc: Doc) -> None:
        """Take a document away for good."""
        del self._docs[doc["id"]]
        self._dropped.append(doc["id"])

    def emit(self, type_: str, doc: Doc, previous: Doc | None = None) -> None:
        """Report what has happened to a document, as it is now."""
        data: Doc = {"object": public(doc)}
        if previous is not None:
            data["previous_attributes"] = previous
        self._events.append((type_, {"created": self.now, "data": from_json(to_json(data))}))

    @contextmanager
    def changing(self, doc: Doc, event: str = "") -> Iterator[Doc]:
        """Report what the block changes of a document as `<its kind>.updated`, with the values before.

        A block within a block of the same document adds to what that reports.
        """
        if doc["id"] in self._changing:
            yield doc
            return
        before = deepcopy(public(doc))
        self._changing.add(doc["id"])
        yield doc
        self._changing.remove(doc["id"])
        if previous := difference(before, public(doc)):
            self.emit(event or f"{EVENT_NAMES.get(doc['object'], doc['object'])}.updated", doc, previous)

    def flush(self) -> None:
        """Write what has changed, the events, and when the customer has to be looked at next."""
        from api.billing_sandbox import clock

        changed = [(id_, doc, to_json(doc)) for id_, doc in self._docs.items()]
        values = [
            (id_, doc["object"], owner(doc), doc.get("created") or doc.get("_created", 0), text.decode())
            for id_, doc, text in changed
            if self._written.get(id_) != text
        ]
        driver = self.connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - it is open
        with driver.pipeline(), driver.cursor() as cursor:  # all statements in one round trip
            if values:
                cursor.executemany(PUT, values)
            if self._dropped:
                cursor.execute("delete from objects where id = any(%s)", (self._dropped,))
            if self._events:
                cursor.executemany(PUT_EVENT, [self._event_row(type_, event) for type_, event in self._events])
            if self.customer_id:
                due = clock.next_due(self)
                cursor.execute(NOTE_DUE, (due, self.customer_id, due))
        self._dropped.clear()
        self._events.clear()
        self._written.update({id_: text for id_, _, text in changed})

    def _event_row(self, type_: str, event: Doc) -> tuple[Any, ...]:
        body = envelope(ids.new("evt"), type_, event, self.caller.request_id, self.caller.key)
        return (body["id"], self.customer_id, type_, to_json(body).decode(), time.time())

    def _keep(self, id_: str, body: str) -> None:
        doc = from_json(body)
        self._docs[id_], self._written[id_] = doc, to_json(doc)


def perform(do: Callable[["Work"], Result]) -> Result:
    """Do something in one transaction. Raises Refused; what a bank has refused stays on record all the same."""
    kept: Refused | None = None
    with begin() as connection:
        work = Work(connection)
        try:
            result = do(work)
        except Refused as refused:
            if not refused.keep:
                raise
            kept = refused
        work.flush()
    if kept:
        raise kept
    return result

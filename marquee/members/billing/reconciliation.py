"""Finds what reports did not tell: compares every subscription with the provider's, and reads what happened again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from marquee.catalogue import subscriptions
from marquee.catalogue.database import begin
from marquee.catalogue.models import SubscriptionRow, now
from marquee.contracts.billing import Standing
from marquee.contracts.plans import SubscriptionState
from marquee.members.billing import sync
from marquee.members.billing.provider import provider

LOOK_BACK = timedelta(days=3)  # a night that was missed is made up for by the next
BATCH = 500


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many subscriptions were compared, how many differed, and how many customers were read again."""

    compared: int
    different: int
    read: int


def reconcile(on_progress: Callable[[str], None] = lambda _: None, look_back: timedelta = LOOK_BACK) -> Reconciled:
    """Make what is kept of every customer what the provider says. Raises Unavailable when it does not answer."""
    compared, different = 0, set[str]()
    standings = provider().standings()
    while some := list(islice(standings, BATCH)):
        compared += len(some)
        different |= set(_different(some))
        on_progress(f"{compared} subscriptions compared, {len(different)} differ")
    changed = set(provider().changed_since(now() - look_back))
    customers = sorted(different | changed)
    for number, customer_id in enumerate(customers, 1):
        sync.read_now(customer_id)
        if number % BATCH == 0 or number == len(customers):
            on_progress(f"{number} of {len(customers)} customers read again")
    return Reconciled(compared, len(different), len(customers))


def _different(standings: Sequence[Standing]) -> Iterator[str]:
    """Customers of whose subscription something else is kept here."""
    with begin() as session:
        held = {row.account_id: row for row in subscriptions.of_accounts(session, {s.account_id for s in standings})}
    return (each.customer_id for each in standings if _differs(each, held.get(each.account_id)))


def _differs(standing: Standing, held: SubscriptionRow | None) -> bool:
    """A subscription that is over matters only where it is the one that counts."""
    over = standing.state is SubscriptionState.CANCELED
    if held is None or held.provider_id != standing.subscription_id:
        return not over
    kept = held.plan, held.state, held.renews_at, held.cancels_at
    return kept != (standing.plan, standing.state, standing.renews_at, standing.cancels_at)

"""The endpoints and the background work of each role."""

from collections.abc import Iterable

from fastapi import APIRouter

from api import background
from api.accounts.endpoints import router as accounts
from api.billing.endpoints import router as billing
from api.browse.endpoints import router as browse
from api.collections.endpoints import router as collections
from api.demo.mail import router as demo_mail
from api.events.endpoints import router as events
from api.exports.endpoints import router as exports
from api.history.endpoints import router as history
from api.licences.endpoints import router as licences
from api.manifests.endpoints import router as manifests
from api.opinions.endpoints import router as opinions
from api.people.endpoints import router as people
from api.plans.endpoints import router as plans
from api.playback.endpoints import router as playback
from api.previews.endpoints import router as previews
from api.profiles.endpoints import router as profiles
from api.provider.endpoints import router as provider
from api.repeating import Work
from api.rows.endpoints import router as rows
from api.search.endpoints import router as search
from api.series.endpoints import router as series
from api.sign_in.endpoints import router as sign_in
from api.steering.endpoints import router as steering
from api.steering.probing import probe_edges
from api.streams.endpoints import router as streams
from api.titles.endpoints import router as titles
from api.visits.endpoints import router as visits
from marquee.settings import Role

MEMBERS = (sign_in, provider, accounts, exports, profiles, opinions, history, plans, billing, demo_mail)
CATALOGUE = (titles, search, rows, browse, people, series, collections)
ROUTERS: dict[Role, tuple[APIRouter, ...]] = {
    Role.MEMBERS: MEMBERS,
    Role.CATALOGUE: CATALOGUE,
    Role.PLAYBACK: (streams, playback, previews, manifests, licences),
    Role.EVENTS: (visits, steering, events),
}
MAILS = (background.send_mail, background.read_customers, background.forget_failures, background.delete_accounts)
WORK: dict[Role, tuple[Work, ...]] = {
    Role.MEMBERS: MAILS,
    Role.CATALOGUE: (
        background.publish_scheduled,
        background.forget_misses,
        background.follow_territories,
        probe_edges,
    ),
    Role.PLAYBACK: (background.follow_territories, probe_edges),
    Role.EVENTS: (background.follow_territories, probe_edges),
}


def routers(roles: Iterable[Role]) -> list[APIRouter]:
    """The endpoints of some roles."""
    return [router for role in Role if role in set(roles) for router in ROUTERS[role]]


def work(roles: Iterable[Role]) -> list[Work]:
    """What processes of some roles do beside their requests, each once."""
    return list(dict.fromkeys(each for role in Role if role in set(roles) for each in WORK[role]))

"""Orders the edges for a session, by what this process knows of them."""

from functools import cache

from api.steering.schemas import SteeringManifest
from marquee.content.edge.health import Health
from marquee.content.edge.steering import TTL_S, order
from marquee.contracts.events import EventName, PlayerEvent
from marquee.settings import settings

NETWORK = "network"  # the category of errors that speak of an edge


@cache
def health() -> Health:
    """What this process knows of the edges."""
    return Health(settings().edges)


def preferred(session_id: int, country: str) -> list[str]:
    """The names of all edges, the best for a session first."""
    return order(settings().edges, health().conditions, country=country, session_id=session_id)


def edges_for(session_id: int, country: str) -> dict[str, str]:
    """The same with the URLs of the edges."""
    urls = settings().edge_urls
    return {name: urls[name] for name in preferred(session_id, country)}


def edge_of_pictures() -> str:
    """The URL of the first edge that is up: always the same one, so that browsers keep what they have."""
    conditions = health().conditions
    up = [url for name, url in settings().edge_urls.items() if conditions[name].up]
    return (up or list(settings().edge_urls.values()))[0]


def steering(session_id: int, country: str, url: str) -> SteeringManifest:
    """The steering manifest of a session; `url` is where to ask again."""
    return SteeringManifest.model_validate(
        {"VERSION": 1, "TTL": TTL_S, "RELOAD-URI": url, "PATHWAY-PRIORITY": preferred(session_id, country)}
    )


def hear(event: PlayerEvent) -> None:
    """Learn from what a player reports of the edge that serves it."""
    if event.name is EventName.HEARTBEAT:
        health().heard(event.edge, event.session_id, error=False)
    elif event.error is not None and event.error.category == NETWORK:
        health().heard(event.edge, event.session_id, error=True)

"""How much of each kind of request the gateway lets through: per member, and per network.

The numbers are several times what the web app does at its busiest: a home page asks for about 20 answers at once, a
player for a dozen when it starts and then for two in half a minute. Many members may share one network's address.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Allowance:
    """So many requests a second, and `burst` at once beyond them."""

    per_second: float
    burst: int

    def per_minute(self, times: float) -> int:
        """The rate as nginx wants it, a whole number of at least 1, times a factor."""
        return max(1, round(self.per_second * 60 * times))


@dataclass(frozen=True)
class RouteClass:
    """Requests that are counted together: those of a site whose paths the pattern finds and no class before it.

    `body` is the largest one, in nginx's words; the API's own limit is `MAX_BODY` in api/middleware.py.
    """

    name: str
    site: str
    paths: str
    network: Allowance
    member: Allowance | None = None
    body: str = "256k"
    compressed: bool = False
    streamed: bool = False

    def retry_after(self, times: float) -> int:
        """Seconds after which the tightest of the allowances has room again."""
        tightest = min(each.per_minute(times) for each in (self.network, self.member) if each)
        return math.ceil(60 / tightest)


CLASSES = (
    RouteClass("sign_in", "api", r"^/v1/(?:sign-in|accounts)(?:/|$)", Allowance(1, 60), body="16k"),
    RouteClass("licences", "api", r"^/v1/licences(?:/|$)", Allowance(100, 400), Allowance(5, 40), body="64k"),
    RouteClass(
        "playback",
        "api",
        r"^/v1/(?:playback-sessions|previews|events|visits)(?:/|$)",
        Allowance(200, 600),
        Allowance(5, 60),
    ),
    RouteClass("browse", "api", r"^/v1(?:/|$)", Allowance(100, 400), Allowance(10, 100)),
    RouteClass("pages", "api", r"^/", Allowance(100, 600), body="1k", compressed=True),
    RouteClass(
        "artwork", "airflow", r"^/marquee/api/titles/[0-9]+/artwork/", Allowance(5, 30), body="32m", streamed=True
    ),
    RouteClass("airflow", "airflow", r"^/", Allowance(50, 300), body="4m", streamed=True),
)

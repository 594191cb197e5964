"""The shared cache: a server of the Redis protocol (Valkey, Redis) that all processes ask. MARQUEE_CACHE_URL names it.

What lies in it may be gone at any moment: whoever asks says what to do without it. A server that does not answer is
left alone for a while, so that its loss costs one wait and not one for every request.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from marquee.logs import log
from marquee.settings import settings

if TYPE_CHECKING:
    from redis import Redis

T = TypeVar("T")
PATIENCE_S = 0.25  # for a connection, and for an answer
REST_S = 5.0  # after a failure


def asked(work: "Callable[[Redis], T]", without: Callable[[], T]) -> T:
    """What `work` makes of the shared cache; what `without` does where there is none or it is away."""
    url = settings().cache_url
    return _cache(url).ask(work, without) if url else without()


class SharedCache:
    """A pool of connections to one server; for any thread."""

    def __init__(self, url: str) -> None:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        wait = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S}
        self._client: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **wait)
        self._left_alone_until = 0.0

    def ask(self, work: "Callable[[Redis], T]", without: Callable[[], T]) -> T:
        from redis.exceptions import RedisError

        if time.monotonic() < self._left_alone_until:
            return without()
        try:
            return work(self._client)
        except (RedisError, OSError) as error:
            self._left_alone_until = time.monotonic() + REST_S
            log.warning("the shared cache is away", got=type(error).__name__, again_in_s=REST_S)
        return without()


@lru_cache(maxsize=2)
def _cache(url: str) -> SharedCache:
    return SharedCache(url)

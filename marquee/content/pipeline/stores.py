"""The stores of this installation."""

from marquee.settings import settings
from marquee.storage import Store


def _store(url: str) -> Store:
    return Store(url, cache=settings().home / "cache")


def inbox() -> Store | None:
    """The inbox on object storage; None where it is a folder."""
    return _store(settings().remote_inbox) if settings().remote_inbox else None


def mezzanine() -> Store:
    """Accepted sources and their subtitles and artwork, by content hash."""
    return _store(settings().mezzanine)


def work() -> Store:
    """Plans, chunks, joined renditions and packaged releases on their way."""
    return _store(settings().work)


def origins() -> dict[str, Store]:
    """The replicas that edges read from, by region."""
    return {region: _store(url) for region, url in settings().origins.items()}

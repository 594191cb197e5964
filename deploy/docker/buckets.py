"""Makes the buckets that the settings name, and those given as arguments; leaves alone what is there."""

import sys
from collections.abc import Iterable
from urllib.parse import urlsplit

import fsspec

from marquee.settings import Settings, settings

SCHEME = "s3"


def named(config: Settings) -> set[str]:
    """The buckets behind the stores of an installation."""
    urls = (urlsplit(url) for url in (config.mezzanine, config.work, config.exports, *config.origins.values()))
    return {url.netloc for url in urls if url.scheme == SCHEME}


def make(buckets: Iterable[str]) -> list[str]:
    """Make the buckets that do not exist; returns those."""
    storage = fsspec.filesystem(SCHEME)
    missing = [bucket for bucket in sorted(buckets) if not storage.exists(bucket)]
    for bucket in missing:
        storage.mkdir(bucket)
    return missing


if __name__ == "__main__":
    make(named(settings()) | set(sys.argv[1:]))

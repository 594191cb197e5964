"""Takes deliveries of series from the inbox, and puts their pictures onto the origin replicas.

A picture lies at `<number of the series>/<number of its content>/art/<kind>.<suffix>`, in the form that edges serve
without a token. The numbers follow from slug and content: what was killed is done again at the same place, and a
picture's address never gets another content.
"""

import hashlib
import shutil
from collections.abc import Mapping
from typing import Any

from marquee.catalogue import series_versions
from marquee.catalogue.database import begin
from marquee.content.delivery import inbox, series_intake
from marquee.content.delivery.series_intake import Picture
from marquee.content.delivery.sidecar import SERIES_SIDECAR
from marquee.content.media.widths import narrower
from marquee.content.pipeline import arrivals, ingest
from marquee.content.pipeline.stores import origins
from marquee.contracts.base import Contract
from marquee.contracts.errors import DeliveryRefused, MarqueeError, NotFound, Unavailable
from marquee.logs import log
from marquee.settings import settings
from marquee.tools.scratch import scratch

DIGITS = 12  # 48 bits in hexadecimal: ids of titles, made since 2020, begin where such numbers end
CONTENT_DIGITS = 15


class Taken(Contract):
    """What became of the deliveries that were ready: by slug, and why the others were not taken."""

    taken: tuple[str, ...]
    not_taken: dict[str, str]


def ready() -> list[tuple[str, str]]:
    """Complete deliveries of series in the inbox, as (folder name, stamp of its present state)."""
    return arrivals.ready(SERIES_SIDECAR)


def take_ready() -> Taken:
    """Take every delivery that is ready. One that is refused goes to quarantine, and stops none of the others."""
    taken, not_taken = [], {}
    for slug, _ in ready():
        try:
            take(slug)
            taken.append(slug)
        except MarqueeError as error:
            not_taken[slug] = str(error)
            log.warning("series not taken", slug=slug, reason=str(error))
    return Taken(taken=tuple(taken), not_taken=not_taken)


def take(slug: str) -> None:
    """Take `<inbox>/<slug>/` into the catalogue, and clear the folder. Fields that a person has edited stay.

    Raises DeliveryRefused after the folder was moved to quarantine and the reason recorded, NotFound when there is no
    such folder, Unavailable when it changed meanwhile or a replica cannot be written.
    """
    folder = ingest.fetched(slug)
    if not folder.is_dir():
        raise NotFound("no such delivery", where=str(settings().inbox), expected="a folder", got=repr(slug))
    fingerprint = inbox.fingerprint(folder)
    try:
        metadata, pictures = series_intake.examine(folder)
    except DeliveryRefused as refused:
        ingest.refuse(folder, fingerprint, refused)
        raise
    artwork = publish(metadata.slug, pictures)
    with begin() as session:
        version = series_versions.deliver(session, metadata, artwork, fingerprint).version
    shutil.rmtree(folder)
    log.info("accepted", series=metadata.slug, version=version)
    arrivals.clear(folder)


def publish(slug: str, pictures: Mapping[str, Picture]) -> dict[str, Any]:
    """Put pictures onto all replicas, with narrower ones; by kind, the path of each and the widths beside it.

    Raises Unavailable when a replica cannot be written.
    """
    artwork, files = {}, {}
    for kind, picture in pictures.items():
        folder = f"{folder_of(slug)}/{_number(picture.content, CONTENT_DIGITS)}/art"
        widths = _narrower(kind, picture)
        files[f"{folder}/{kind}.{picture.suffix}"] = picture.content
        files |= {f"{folder}/{width}/{kind}.webp": content for width, content in widths.items()}
        artwork[kind] = {"path": f"{folder}/{kind}.{picture.suffix}", "widths": sorted(widths)}
    for region, store in origins().items():
        try:
            for key, content in files.items():
                if not store.exists(key):
                    store.write(key, content)
        except OSError as error:
            raise Unavailable(f"replica {region} cannot be written: {error}", where=store.url) from error
    return artwork


def _narrower(kind: str, picture: Picture) -> dict[int, bytes]:
    with scratch() as folder:
        source = folder / f"{kind}.{picture.suffix}"
        source.write_bytes(picture.content)
        return {width: file.read_bytes() for width, file in narrower(kind, source, folder).items()}


def folder_of(slug: str) -> str:
    """Where all pictures of a series lie on a replica."""
    return str(_number(slug.encode(), DIGITS))


def _number(content: bytes, digits: int) -> int:
    return int(hashlib.sha256(content).hexdigest()[:digits], 16)

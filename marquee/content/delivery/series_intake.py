"""Takes the delivery of a series: sidecar and pictures, checked where they lie."""

from pathlib import Path
from typing import NamedTuple

from PIL import Image

from marquee.content.delivery.artwork import FORMATS, MAX_BYTES, check_artwork
from marquee.content.delivery.files import Watched, content, regular
from marquee.content.delivery.sidecar import load_series
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused
from marquee.contracts.series import SeriesMetadata

SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


class Picture(NamedTuple):
    """A picture that was checked; `suffix` goes by its content, whatever its file was called."""

    content: bytes
    suffix: str


def examine(folder: Path) -> tuple[SeriesMetadata, dict[str, Picture]]:
    """What a folder with a series.yaml delivers: the sidecar, and the pictures by kind. Nothing is changed.

    Raises DeliveryRefused with a code of RefusalCode, Unavailable when a file changed meanwhile.
    """
    if folder.is_symlink():
        raise DeliveryRefused(
            RefusalCode.SYMLINK, "links are not followed", where=folder.name, expected="a folder", got="a link"
        )
    watched = Watched(folder)
    metadata = load_series(folder)
    pictures = {kind: examined(folder / name) for kind, name in metadata.artwork.items()}
    watched.confirm()
    return metadata, pictures


def examined(path: Path) -> Picture:
    """A picture's bytes, if it is one. Raises DeliveryRefused: artwork-invalid, or what `regular` raises."""
    check_artwork(regular(path.parent, path.name, limit=MAX_BYTES))
    with Image.open(path, formats=FORMATS) as picture:
        suffix = SUFFIXES[picture.format or ""]
    return Picture(content(path.parent, path.name, limit=MAX_BYTES), suffix)

"""The inbox on object storage: which deliveries are complete, fetching one, and clearing it away once it is taken.

A delivery is the objects below `<slug>/`, complete when `.done` and its sidecar are among them. While one is cleared
away, the object `.taken` lists what goes, so that a clearing that was killed is ended and not taken for a delivery.
"""

import hashlib
import json
import re
from itertools import groupby
from pathlib import Path

from marquee.content.delivery.inbox import DONE
from marquee.content.delivery.sidecar import SERIES_SIDECAR, SIDECAR
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused, Unavailable
from marquee.storage import Entry, Store

TAKEN, LISTING = ".taken", "objects.txt"
MAX_FILES = 1000  # of one delivery


def ready(store: Store, sidecar: str = SIDECAR) -> list[tuple[str, str]]:
    """Complete deliveries with this sidecar as (name, stamp of the present objects), sorted.

    Hidden names are passed over. One with both sidecars is a title's, which intake refuses.
    """
    grouped = groupby(store.entries(), key=lambda entry: entry.key.partition("/")[0])
    folders = [(name, _within(name, list(entries))) for name, entries in grouped if not name.startswith(".")]
    complete = [(name, found) for name, found in folders if DONE in found and TAKEN not in found]
    return [(name, stamp(found)) for name, found in complete if _sidecar(found) == sidecar]


def objects(store: Store, slug: str) -> dict[str, Entry]:
    """What is delivered under a name, by its path below it; nothing while it is cleared away."""
    found = _within(slug, store.entries(slug))
    return {} if TAKEN in found else found


def stamp(found: dict[str, Entry]) -> str:
    """Twelve hex digits that change when a file is added, removed or written."""
    states = [(name, entry.size, entry.tag) for name, entry in sorted(_visible(found).items())]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:12]


def fetch(store: Store, slug: str, root: Path, *, max_bytes: int) -> Path | None:
    """Copy a delivery to `root/<stamp>/<slug>/` and give that folder; None when there is none of this name.

    What an interrupted fetch has brought is kept. Raises DeliveryRefused before anything is fetched: unsafe-name,
    too-large; Unavailable when the delivery changed meanwhile.
    """
    found = objects(store, slug)
    files = _visible(found)
    if not files:
        return None
    _judge(files, max_bytes)
    folder = root / stamp(found) / slug
    for name, entry in files.items():
        target = folder / name
        if not target.exists() or target.stat().st_size != entry.size:
            store.download(entry.key, target)
    if stamp(objects(store, slug)) != stamp(found):
        raise Unavailable("the delivery changed while it was fetched", where=slug, expected="no change", got="a change")
    return folder


def listing(store: Store, slug: str, root: Path) -> Path:
    """A folder `root/refused-<slug>/<slug>/` that lists the objects of a delivery which cannot be fetched."""
    folder = root / f"refused-{slug}" / slug
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{entry.size:>15} {json.dumps(entry.key)}\n" for entry in objects(store, slug).values()]
    (folder / LISTING).write_text("".join(lines))
    return folder


def hold_back(store: Store, slug: str) -> None:
    """Take a delivery's `.done` away: its objects stay, and are not looked at again."""
    store.remove(f"{slug}/{DONE}")


def clear(store: Store, slug: str, taken: str) -> None:
    """Remove a delivery that was fetched with this stamp, in an order that no half of it is ever a delivery."""
    found = objects(store, slug)
    if found and stamp(found) == taken:
        gone = {entry.key: entry.tag for entry in found.values()}
        store.write(f"{slug}/{TAKEN}", json.dumps(gone).encode())
    sweep(store, slug)


def sweep(store: Store, slug: str) -> None:
    """End a clearing that was begun; what was written since stays."""
    mark = f"{slug}/{TAKEN}"
    if not store.exists(mark):
        return
    gone = json.loads(store.read(mark))
    for entry in store.entries(slug):
        if gone.get(entry.key) == entry.tag:
            store.remove(entry.key)
    store.remove(mark)


def _sidecar(found: dict[str, Entry]) -> str | None:
    return next((name for name in (SIDECAR, SERIES_SIDECAR) if name in found), None)


def _within(slug: str, entries: list[Entry]) -> dict[str, Entry]:
    """By path below the folder; without the empty objects that stand for folders."""
    named = {entry.key.removeprefix(f"{slug}/"): entry for entry in entries if entry.key.startswith(f"{slug}/")}
    return {name: entry for name, entry in named.items() if name and not name.endswith("/")}


def _visible(found: dict[str, Entry]) -> dict[str, Entry]:
    """Without what is hidden, which is no part of a delivery. A name that climbs is no hidden one: it is refused."""
    return {
        name: entry
        for name, entry in found.items()
        if not any(part.startswith(".") and part not in (".", "..") for part in name.split("/"))
    }


def _judge(files: dict[str, Entry], max_bytes: int) -> None:
    if len(files) > MAX_FILES:
        got = f"{len(files)} files"
        raise DeliveryRefused(RefusalCode.TOO_LARGE, "too many files", expected=f"at most {MAX_FILES}", got=got)
    folders = {name[:at] for name in files for at, character in enumerate(name) if character == "/"}
    for name, entry in files.items():
        if not _safe(name) or name in folders:
            raise DeliveryRefused(
                RefusalCode.UNSAFE_NAME,
                "an object's name is no path of a file",
                where=ascii(name)[:120],
                expected="names without ., .., empty parts and control characters",
                got=ascii(entry.key)[:120],
            )
        if entry.size > max_bytes:
            expected, got = f"at most {max_bytes} bytes", f"{entry.size} bytes"
            raise DeliveryRefused(
                RefusalCode.TOO_LARGE, "the file is too large", where=name, expected=expected, got=got
            )


def _safe(name: str) -> bool:
    parts = name.split("/")
    sound = all(part not in ("", ".", "..") and len(part.encode()) <= 200 for part in parts)
    return sound and not re.search(r"[\x00-\x1f\x7f\\]", name)

"""Where deliveries arrive: a folder, or object storage of which they are fetched; and handing in what was made here."""

import os
import shutil
from pathlib import Path

from marquee.content.delivery import remote_inbox
from marquee.content.delivery.inbox import DONE, ready_deliveries
from marquee.content.delivery.sidecar import SIDECAR
from marquee.content.delivery.uploads.errors import StorageFull
from marquee.content.pipeline import stores
from marquee.contracts.errors import Conflict
from marquee.logs import log
from marquee.settings import settings
from marquee.storage import sync

RESERVE = 1024**3  # bytes that stay free on the inbox's disk


def ready(sidecar: str = SIDECAR) -> list[tuple[str, str]]:
    """Complete deliveries with this sidecar, as (name, stamp of the present state).

    Object storage that does not answer has none.
    """
    store = stores.inbox()
    if store is None:
        return ready_deliveries(settings().inbox, settings().delivery_settle_s, sidecar=sidecar)
    try:
        return remote_inbox.ready(store, sidecar)
    except Exception as error:  # of any of the storage's client libraries; the watch must outlive them
        log.warning("the inbox does not answer", inbox=store.url, error=str(error))
        return []


def local_folder(slug: str) -> Path:
    """The folder of a delivery on this machine, fetched if need be. It does not exist where there is no delivery.

    Raises what `remote_inbox.fetch` raises.
    """
    store = stores.inbox()
    if store is None:
        return settings().inbox / slug
    remote_inbox.sweep(store, slug)
    return remote_inbox.fetch(store, slug, _fetched(), max_bytes=settings().max_source_bytes) or _fetched() / slug


def refused_folder(slug: str) -> Path:
    """A folder that stands for a delivery refused before it was fetched. Its objects stay, without `.done`."""
    store = stores.inbox()
    if store is None:
        return settings().inbox / slug
    folder = remote_inbox.listing(store, slug, _fetched())
    remote_inbox.hold_back(store, slug)
    return folder


def clear(folder: Path) -> None:
    """Remove from object storage what was fetched to a folder, now that it is accepted or in quarantine."""
    store = stores.inbox()
    if store is not None and folder.is_relative_to(_fetched()):
        remote_inbox.clear(store, folder.name, folder.parent.name)
        shutil.rmtree(folder.parent, ignore_errors=True)


def waiting(slug: str) -> bool:
    """Whether a delivery of this name lies in the inbox."""
    store = stores.inbox()
    if store is None:
        return os.path.lexists(settings().inbox / slug)
    return DONE in remote_inbox.objects(store, slug)


def confirm_room(size: int) -> None:
    """So many bytes more fit on the inbox's disk. Raises StorageFull."""
    free = shutil.disk_usage(settings().inbox).free - RESERVE
    if size > free:
        expected, got = f"at most {free} bytes", f"{size} bytes"
        raise StorageFull("the disk of the inbox has no room for this", where="inbox", expected=expected, got=got)


def hand_in(folder: Path, token: str) -> None:
    """Move a whole delivery into the inbox under its folder's name, where it appears at once and whole.

    The folder lies on the inbox's own disk, in a hidden place. `token` names who hands it in: doing it again after a
    crash is no conflict. Raises Conflict when another delivery of this name is waiting.
    """
    store = stores.inbox()
    slug = folder.name
    if store is None:
        _rename(folder, settings().inbox / slug)
        return
    done = f"{slug}/{DONE}"
    if not store.exists(done):
        for path in sorted(p for p in folder.iterdir() if not p.name.startswith(".")):
            store.put(f"{slug}/{path.name}", path)
        store.write(done, token.encode())
    elif store.read(done) != token.encode():
        raise _taken(slug)
    leaving = folder.with_name(f".{slug}-handed-in")
    folder.rename(leaving)
    shutil.rmtree(leaving)


def _rename(folder: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise _taken(target.name)
    (folder / DONE).touch()
    sync(folder)
    try:
        folder.rename(target)  # never replaces a folder that holds anything
    except OSError as error:
        raise _taken(target.name) from error
    sync(target.parent)


def _taken(slug: str) -> Conflict:
    return Conflict("a delivery of this name is waiting in the inbox", where=slug, expected="a free name", got=slug)


def _fetched() -> Path:
    return settings().home / "fetched"

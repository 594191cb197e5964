"""Quarantine: a refused delivery is moved out of the inbox whole, with the reason beside it.

`quarantine/<slug>-<id>/` holds reason.json, written first, and `delivery/`, which is the folder as it was. Each step is
a rename, so after a crash a delivery is either still in the inbox or already here, and never without its reason.
"""

import errno
import os
import re
import shutil
import stat
from pathlib import Path

from marquee.contracts.delivery import Refusal
from marquee.contracts.errors import NotFound
from marquee.contracts.ids import new_id
from marquee.storage import replacing

REASON, DELIVERY, PARTIAL = "reason.json", "delivery", ".delivery"
MAX_SLUG = 80


def quarantine(folder: Path, refusal: Refusal, root: Path) -> Refusal:
    """Move a refused delivery below `root`; the refusal comes back with the name of its quarantine folder.

    Safe to run again: a delivery that was moved already gives the refusal kept with it. Raises NotFound when it is
    neither at `folder` nor in quarantine.
    """
    slug = safe_slug(folder.name)
    if not os.path.lexists(folder):
        return _moved_before(slug, refusal, root)
    name = _begun(slug, root) or f"{slug}-{new_id()}"
    kept = refusal.model_copy(update={"quarantine": name})
    (root / name).mkdir(parents=True, exist_ok=True)
    with replacing(root / name / REASON) as temporary:
        temporary.write_text(kept.model_dump_json(indent=2), encoding="utf-8")
    _move(folder, root / name)
    return kept


def safe_slug(name: str) -> str:
    """A folder name made safe for any path, page or log: lower-case ASCII letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:MAX_SLUG].strip("-") or "unnamed"


def _quarantined(slug: str, root: Path) -> list[Path]:
    """Quarantine folders of a slug, the latest first."""
    found = [p for p in root.glob(f"{slug}-*") if re.fullmatch(r"\d+", p.name.removeprefix(f"{slug}-"))]
    return sorted(found, key=lambda p: int(p.name.rsplit("-", 1)[1]), reverse=True)


def _begun(slug: str, root: Path) -> str | None:
    """A quarantine folder that a crash left without its delivery."""
    return next((p.name for p in _quarantined(slug, root) if not os.path.lexists(p / DELIVERY)), None)


def _moved_before(slug: str, refusal: Refusal, root: Path) -> Refusal:
    for path in _quarantined(slug, root):
        if os.path.lexists(path / DELIVERY):
            kept = Refusal.model_validate_json((path / REASON).read_bytes())
            if kept.model_copy(update={"quarantine": ""}) == refusal.model_copy(update={"quarantine": ""}):
                return kept
    raise NotFound("no such delivery, neither in the inbox nor in quarantine", where=str(root), got=slug)


def _move(folder: Path, target: Path) -> None:
    try:
        folder.rename(target / DELIVERY)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_across(folder, target)


def _move_across(folder: Path, target: Path) -> None:
    """Copy to another file system under a temporary name, rename, and only then remove the original."""
    partial = target / PARTIAL
    _remove(partial)
    if folder.is_symlink():
        partial.symlink_to(folder.readlink())
    else:
        shutil.copytree(folder, partial, symlinks=True, copy_function=_copy)
    partial.rename(target / DELIVERY)
    leaving = folder.with_name(f".{target.name}")  # hidden: the inbox passes over what a crash would leave of it
    folder.rename(leaving)
    _remove(leaving)


def _copy(source: str, target: str) -> None:
    """Copy a file with its times. A pipe or a device holds no bytes: its name is kept as an empty file."""
    if stat.S_ISREG(os.lstat(source).st_mode):
        shutil.copy2(source, target)
    else:
        Path(target).touch()


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)

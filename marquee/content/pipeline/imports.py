"""Imports titles in bulk: a dry run says what would be taken and what not, and a run makes the deliveries.

What an import has taken is told by the inbox and the catalogue alone: it can be killed and run again at any time.
"""

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from marquee.catalogue import deliveries
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow, DeliveryState
from marquee.content.delivery.bulk import table, tree
from marquee.content.delivery.bulk.candidate import Candidate, Passed
from marquee.content.delivery.bulk.judging import identity, judge
from marquee.content.delivery.compose import assemble
from marquee.content.pipeline import arrivals
from marquee.contracts.base import Contract
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.errors import Conflict, InvalidInput, MarqueeError
from marquee.logs import log
from marquee.settings import settings


class Line(Contract):
    """What was found, and what becomes of it. `reason` says why it is not taken, or what is left out."""

    source: str
    slug: str = ""
    title: str = ""
    files: int = 0
    size: int = 0  # bytes
    taken: bool
    reason: str = ""


class Report(Contract):
    """A dry run or a run, line by line."""

    lines: tuple[Line, ...]

    @property
    def taken(self) -> list[Line]:
        return [line for line in self.lines if line.taken]


def dry_run(source: Path, *, language: str = "en") -> Report:
    """What a run would take of a folder or a table, and why not the rest. Raises InvalidInput."""
    return Report(lines=tuple(line for line, _ in _judged(source, language)))


def run(
    source: Path, *, language: str = "en", at_most: int | None = None, say: Callable[[Line], None] | None = None
) -> Report:
    """Put what a dry run would take into the inbox, title by title, at most so many; `say` hears of each line.

    Each appears there at once and whole. Raises InvalidInput; Conflict while another import runs.
    """
    lines: list[Line] = []
    with _alone():
        for judged, candidate in _judged(source, language):
            within = at_most is None or sum(each.taken for each in lines) < at_most
            line = _deliver(judged, candidate) if candidate and within else judged
            if candidate and not within:
                line = judged.model_copy(update={"taken": False, "reason": f"not now: {at_most} are taken at a time"})
            lines.append(line)
            if say:
                say(line)
    return Report(lines=tuple(lines))


def sources() -> list[str]:
    """What the desk may import from: folders and tables directly in MARQUEE_IMPORT_PATH."""
    root = settings().import_path
    if root is None or not root.is_dir():
        return []
    found = [p for p in root.iterdir() if not p.name.startswith(".") and not p.is_symlink()]
    return sorted(p.name for p in found if p.is_dir() or p.suffix.lower() == ".csv")


def below_import_path(name: str) -> Path:
    """One of `sources`, or `.` for all of them. Raises InvalidInput for everything else."""
    root = settings().import_path
    if root is None:
        raise InvalidInput("no folder is set to import from", where="MARQUEE_IMPORT_PATH", expected="a folder")
    if name != "." and name not in sources():
        expected = ", ".join(sources())[:400] or "a folder or a CSV file in it"
        raise InvalidInput("not a source of imports", where="source", expected=expected, got=repr(name)[:100])
    return root / name


def _judged(source: Path, language: str) -> Iterator[tuple[Line, Candidate | None]]:
    """Line by line; with the candidate where it is to be taken. The first of two of one name is not taken either."""
    found = list(_read(source, language))
    names = Counter(each.slug for each in found if isinstance(each, Candidate))
    for each in found:
        if isinstance(each, Passed):
            yield Line(source=each.source, taken=False, reason=each.reason), None
            continue
        line = _judge(each, others=names[each.slug] - 1)
        yield line, each if line.taken else None


def _read(source: Path, language: str) -> Iterator[Candidate | Passed]:
    if source.is_dir():
        return tree.read(source, language)
    if source.is_file() and source.suffix.lower() == ".csv":
        return table.read(source, language)
    raise InvalidInput("nothing to import from", where=str(source), expected="a folder or a CSV file")


def _judge(candidate: Candidate, others: int) -> Line:
    metadata, reason = judge(candidate, settings().max_source_bytes)
    reason = reason or (f"{others + 1} files are for one title, {candidate.slug}" if others else "")
    reason = reason or _there_already(candidate)
    return Line(
        source=candidate.source,
        slug=candidate.slug,
        title=metadata.name if metadata else str(candidate.sidecar.get("title", ""))[:200],
        files=len(candidate.files),
        size=sum(path.stat().st_size for path in candidate.files.values() if path.is_file()),
        taken=not reason,
        reason=reason or "; ".join(candidate.notes),
    )


def _there_already(candidate: Candidate) -> str:
    """Why these very bytes need not be delivered again. Files are read only where one of this size was delivered."""
    if arrivals.waiting(candidate.slug):
        return "it waits in the inbox"
    with begin() as session:
        known = {
            (row.state, row.fingerprint, _delivered_size(row)) for row in deliveries.of_slug(session, candidate.slug)
        }
    size = _size(candidate)
    if not any(delivered in (None, size) for _, _, delivered in known):
        return ""
    fingerprint = identity(candidate)
    states = {state for state, delivered, _ in known if delivered == fingerprint}
    if DeliveryState.ACCEPTED in states:
        return "it was delivered before"
    return "it was refused before: see Titles" if states else ""


def _delivered_size(row: DeliveryRow) -> int | None:
    """Bytes of an accepted film; refused ones were not measured."""
    accepted = row.state == DeliveryState.ACCEPTED
    return AcceptedDelivery.model_validate(row.document).source.size if accepted else None


def _size(candidate: Candidate) -> int:
    return candidate.files[candidate.sidecar["media"]].stat().st_size


def _deliver(line: Line, candidate: Candidate) -> Line:
    """Make the delivery in a hidden place of the inbox's disk and hand it in."""
    making = settings().inbox / ".imports" / candidate.slug
    try:
        arrivals.confirm_room(line.size)
        assemble(making, candidate.sidecar, candidate.files, links=False)
        arrivals.hand_in(making, f"import {candidate.source}")
        log.info("imported", slug=candidate.slug, source=candidate.source)
    except (MarqueeError, OSError) as error:
        shutil.rmtree(making, ignore_errors=True)
        return line.model_copy(update={"taken": False, "reason": str(error)})
    return line


@contextmanager
def _alone() -> Iterator[None]:
    """One import at a time: two would make the same deliveries."""
    settings().inbox.mkdir(parents=True, exist_ok=True)
    file = os.open(settings().inbox / ".import.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Conflict("another import is running", where="inbox", expected="one at a time") from None
    finally:
        os.close(file)

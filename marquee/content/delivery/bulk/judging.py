"""Judges a candidate as intake would, by what can be seen at once: title.yaml, and that its files are plain files."""

from pathlib import Path
from tempfile import TemporaryDirectory

from marquee.content.delivery.bulk.candidate import Candidate
from marquee.content.delivery.compose import write_sidecar
from marquee.content.delivery.files import regular
from marquee.content.delivery.inbox import fingerprint
from marquee.content.delivery.limits import most_bytes
from marquee.content.delivery.sidecar import SIDECAR, load_sidecar
from marquee.contracts.errors import DeliveryRefused, MarqueeError
from marquee.contracts.title import TitleMetadata
from marquee.storage import file_sha256


def judge(candidate: Candidate, max_bytes: int) -> tuple[TitleMetadata | None, str]:
    """What title.yaml will say, and the reason why this cannot be delivered, else empty. `max_bytes`: of a film."""
    try:
        metadata = _metadata(candidate)
        limits = most_bytes(metadata, max_bytes)
        for name, path in candidate.files.items():
            regular(path.parent, path.name, limit=limits[name])
    except DeliveryRefused as refused:
        return None, str(refused)
    except (MarqueeError, OSError) as error:
        return None, str(error)
    return metadata, ""


def _metadata(candidate: Candidate) -> TitleMetadata:
    with TemporaryDirectory(prefix="marquee-import-") as scratch:
        folder = Path(scratch) / candidate.slug
        if folder.parent != Path(scratch):
            raise DeliveryRefused("unsafe-name", "not a name of a delivery", where="slug", got=candidate.slug[:80])
        folder.mkdir()
        write_sidecar(folder, candidate.sidecar)
        return load_sidecar(folder)


def identity(candidate: Candidate) -> str:
    """The fingerprint that the delivery will have. Reads every byte of its files."""
    hashes = {name: file_sha256(path) for name, path in candidate.files.items()}
    with TemporaryDirectory(prefix="marquee-import-") as scratch:
        folder = Path(scratch)
        write_sidecar(folder, candidate.sidecar)
        for name in hashes:
            (folder / name).touch()
        return fingerprint(folder, {**hashes, SIDECAR: file_sha256(folder / SIDECAR)})

"""Whether viewers may get a release: its document signed by us, its bytes on every replica."""

from marquee.catalogue import integrity, releases
from marquee.catalogue.database import begin
from marquee.content.origin import signature
from marquee.content.origin.replica import RELEASE_FILE, complete, faults, listed, write_document
from marquee.content.pipeline.stores import origins
from marquee.contracts.errors import GateFailed, Unavailable
from marquee.contracts.release import Release
from marquee.settings import settings


def signed(release: Release) -> Release:
    """The release with this installation's signature."""
    return signature.sign(release, settings().secret("signing_key"))


def require_signed(release: Release) -> None:
    """Raise GateFailed unless this installation has signed the release as it is."""
    signature.check(release, settings().secret("signing_key"))


def require_whole(release: Release, *, read: bool = True) -> None:
    """Raise GateFailed for a release that is not signed as it is, Unavailable when a replica does not hold all of it.

    `read` compares every byte's hash; without it sizes are compared, as one listing of each replica gives them. What
    is lacking is suspected from then on, so that the next scrubbing mends it.
    """
    require_signed(release)
    whole = complete if read else listed
    if lacking := [region for region, store in origins().items() if not whole(store, release)]:
        suspect(release.release_id, f"not whole in {', '.join(lacking)}")
        raise Unavailable("replicas do not hold the release whole", where=release.prefix, got=", ".join(lacking))


def suspect(release_id: int, why: str) -> None:
    """Have a release's replicas checked soon."""
    with begin() as session:
        integrity.suspect(session, release_id, why)


def sign_again(release_id: int) -> bool:
    """Sign a packaged release with the present key, on all replicas. False where it is signed with it already.

    For releases older than signatures, and after an exchange of the key. Raises Unavailable unless every replica holds
    the files of which the catalogue says: nothing is signed that could not be compared.
    """
    with begin() as session:
        release = releases.document(releases.get(session, release_id))
    try:
        require_signed(release)
    except GateFailed:
        pass
    else:
        return False
    if lacking := [region for region, store in origins().items() if set(faults(store, release)) - {RELEASE_FILE}]:
        raise Unavailable("replicas do not hold the release whole", where=release.prefix, got=", ".join(lacking))
    anew = signed(release)
    with begin() as session:
        releases.get(session, release_id).document = anew.model_dump(mode="json")
    for store in origins().values():
        write_document(store, anew)
    return True

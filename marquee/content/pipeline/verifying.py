"""Verifies a release once more, from its replicas: signature, bytes, grid, manifests, decryption, and playing."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from marquee.catalogue import releases, titles
from marquee.catalogue.database import begin
from marquee.content.media.package.check import check_described
from marquee.content.media.package.layout import Keys, Track, tracks
from marquee.content.media.package.play import check_plays, chromium
from marquee.content.media.package.round_trip import check_round_trip
from marquee.content.media.package.second_scheme import taken_out
from marquee.content.origin.replica import faults
from marquee.content.pipeline import content_keys, plans
from marquee.content.pipeline.integrity import require_signed, suspect
from marquee.content.pipeline.stores import origins
from marquee.contracts.base import Contract
from marquee.contracts.errors import Conflict, GateFailed, MarqueeError
from marquee.contracts.plan import DrmScheme, EncodePlan
from marquee.contracts.release import Release
from marquee.tools.scratch import scratch

Say = Callable[["Verified"], None]
Check = Callable[[], object]


class Verified(Contract):
    """One check of a release: what was checked, and what was wrong, if anything."""

    what: str
    wrong: str | None = None


def chosen(name: str) -> int:
    """A release by its id, or the one that a title's viewers get, by the title's slug. Raises NotFound, Conflict."""
    with begin() as session:
        if name.isdecimal():
            return releases.get(session, int(name)).id
        title = titles.of_slug(session, name)
        if title.current_release_id is None:
            raise Conflict("viewers get no release of it", where=f"title {name}", expected="the id of a release")
        return title.current_release_id


def verify(release_id: int, *, play: bool = False, say: Say | None = None) -> list[Verified]:
    """All checks of a packaged release, in order, each told when it is done; `play` plays each track in Chromium.

    A release that fails is suspected from then on. Raises NotFound, Conflict while it is being built.
    """
    with begin() as session:
        release = releases.document(releases.get(session, release_id))
        keys = {each: content_keys.of_release(session, release_id, each) for each in release.scheme.parts}
    done = []
    with scratch() as folder:
        for what, check in _checks(release, keys, folder, play=play):
            done.append(Verified(what=what, wrong=_wrong(check)))
            if say:
                say(done[-1])
    if wrong := [f"{each.what}: {each.wrong}" for each in done if each.wrong]:
        suspect(release_id, wrong[0])
    return done


def require_verified(release_id: int, *, play: bool = False, say: Say | None = None) -> None:
    """Raise GateFailed unless a release passes all checks."""
    if wrong := [each for each in verify(release_id, play=play, say=say) if each.wrong]:
        said = "; ".join(f"{each.what}: {each.wrong}" for each in wrong)
        raise GateFailed("the release does not hold", where=f"release {release_id}", got=said)


def require_plays(release_id: int) -> None:
    """Play a release's first picture in Chromium, with the files of its replicas. Raises GateFailed, Unavailable."""
    with begin() as session:
        release = releases.document(releases.get(session, release_id))
        scheme = release.scheme.parts[0]
        keys = content_keys.of_release(session, release_id, scheme)
    track = tracks(plans.load(release.plan))[0]
    with scratch() as folder, chromium() as browser:
        _copy(release, folder / "release")
        check_plays(browser, _of_scheme(release, scheme, folder), track, scheme, keys)


def _of_scheme(release: Release, scheme: DrmScheme, folder: Path) -> Path:
    """The copy in `folder`/release, or of two encryptions the one."""
    copy = folder / "release"
    return taken_out(copy, folder / scheme, scheme) if release.encryption(scheme) else copy


def _wrong(check: Check) -> str | None:
    try:
        check()
    except (MarqueeError, OSError) as error:
        return str(error)
    return None


def _checks(
    release: Release, keys: Mapping[DrmScheme, Keys], folder: Path, *, play: bool
) -> Iterator[tuple[str, Check]]:
    yield "signature", lambda: require_signed(release)
    for region in origins():
        yield f"replica {region}", partial(_require_bytes, release, region)
    copy = folder / "release"
    yield "a copy of it", lambda: _copy(release, copy)
    plan = plans.load(release.plan)
    for scheme, own in keys.items():
        alone = plan.model_copy(update={"scheme": scheme})
        place = _of_scheme(release, scheme, folder)
        yield f"grid, encryption, manifests: {scheme}", partial(check_described, place, alone, own)
        for track in tracks(plan):
            yield f"decryption of {track.folder}: {scheme}", _round_trip(place, track, alone, own, release, folder)
        if play:
            with chromium() as browser:
                for track in tracks(plan):
                    playing = partial(check_plays, browser, place, track, scheme, own)
                    yield f"playing of {track.folder}: {scheme}", playing


def _round_trip(place: Path, track: Track, plan: EncodePlan, keys: Keys, release: Release, folder: Path) -> Check:
    frames = next((each.frames for each in release.video if f"video/{each.name}" == track.folder), None)
    return partial(check_round_trip, place, track, plan.scheme, keys, folder, frames=frames, duration_s=plan.duration_s)


def _require_bytes(release: Release, region: str) -> None:
    if wrong := faults(origins()[region], release):
        said = ", ".join(f"{path} ({fault})" for path, fault in list(wrong.items())[:5])
        raise GateFailed(f"{len(wrong)} files are not right", where=f"replica {region}", got=said)


def _copy(release: Release, folder: Path) -> None:
    """Its files as they are on the first replica that can be read."""
    for store in origins().values():
        try:
            for file in release.files:
                if not (folder / file.path).exists():
                    store.link(f"{release.prefix}/{file.path}", folder / file.path)
        except (MarqueeError, OSError):
            continue
        return
    raise GateFailed("no replica has all files", where=release.prefix)

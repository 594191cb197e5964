"""A title under cbcs and cenc from one encode, with keys that change: published, verified, its tracks brought back."""

import pytest

from marquee.catalogue import releases
from marquee.catalogue.database import begin
from marquee.content.delivery.compose import compose
from marquee.content.edge.limits import key_ids
from marquee.content.edge.warmup import warming_order
from marquee.content.media.ladder import profiles
from marquee.content.pipeline import content_keys, plans, restoring, verifying
from marquee.content.pipeline.inline import carry
from marquee.content.pipeline.stores import origins, work
from marquee.contracts.plan import DrmScheme
from marquee.settings import settings
from tests.conftest import MakeClip


@pytest.mark.usefixtures("catalogue")
def test_one_release_has_both(make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch) -> None:
    changing = profiles()["preview"].model_copy(update={"gops_per_segment": 1, "crypto_period_s": 2})
    monkeypatch.setitem(profiles(), "preview", changing)
    clip = make_clip("film.mp4", seconds=3, size="320x180")
    shown = carry(compose(settings().inbox, clip, title="A film", year=2026), ladder="preview", scheme="both")
    with begin() as session:
        release = releases.document(releases.get(session, shown.release_id))
        keys = {each: content_keys.of_release(session, shown.release_id, each) for each in release.scheme.parts}
    assert release.second
    first, second = keys[DrmScheme.CBCS], keys[DrmScheme.CENC]
    every = [key for own in (first, second) for each in own.values() for key in each.periods]
    assert len({key.reveal() for key in every}) == len(every) == 2 * 2 * len(first)
    assert key_ids(release, 0) == {key.kid for key in every}
    assert not any("/cenc-" in file.path for file in warming_order(release))

    done = verifying.verify(shown.release_id)
    assert [each for each in done if each.wrong] == []
    assert sum(each.what.startswith("decryption of ") for each in done) == 2 * (len(release.video) + len(release.audio))

    plan = plans.load(release.plan)
    for key in list(work().keys()):
        if not key.endswith("plan.json"):
            work().delete(key)
    assert all(restoring.restore_video(plan, rung) for rung in plan.rungs)

    segment = next(file.path for file in release.files if "/cenc-" in file.path and file.path.endswith("1.m4s"))
    store = next(iter(origins().values()))
    store.write(f"{release.prefix}/{segment}", b"x")
    assert next(each.what for each in verifying.verify(shown.release_id) if each.wrong).startswith("replica")

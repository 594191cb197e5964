"""A track is replaced without encoding anything else; a title is encoded again from its source.

Encoded files are found by what they are made of, so the tests share a store of them: the film is encoded once.
"""

import shutil
from array import array
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from typer.testing import CliRunner

from marquee.catalogue import deliveries, releases, title_versions, titles
from marquee.catalogue.database import begin
from marquee.catalogue.models import DeliveryRow, Publication, QcReportRow
from marquee.cli import cli
from marquee.content.desk import actions, again, tracks
from marquee.content.desk.again import Encoding
from marquee.content.desk.clear_picture import clear_picture
from marquee.content.desk.track_files import of_file
from marquee.content.desk.tracks import Replaced
from marquee.content.desk.work_files import delete_work
from marquee.content.media import audio, encode
from marquee.content.media.audio_codecs import coding
from marquee.content.media.made import shared_files
from marquee.content.media.package.layout import Track
from marquee.content.pipeline import ingest, plans, quality, releasing, restoring, stores
from marquee.content.pipeline.inline import carry
from marquee.contracts.errors import Conflict, DeliveryRefused, InvalidInput, Outdated
from marquee.contracts.keys import TrackType
from marquee.contracts.plan import EncodePlan
from marquee.contracts.release import Release
from marquee.settings import settings
from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

SECONDS = 3
SRT = "1\n00:00:00,500 --> 00:00:02,000\n{}\n"
SIDECAR = {
    "title": "The Lantern",
    "year": 1999,
    "media": "film.mp4",
    "audio": [{"stream": 0, "language": "en"}, {"stream": 1, "language": "de", "role": "dub"}],
    "subtitles": [{"file": "film.en.srt", "language": "en"}],
}
LEVEL = "volume=-2dB"  # of a sine: about -23 LUFS


class Killed(BaseException):
    """The process ends here."""


def tone(path: Path, hertz: int, level: str = LEVEL) -> Path:
    sound = f"sine=frequency={hertz}:duration={SECONDS}:sample_rate=48000,{level}"
    run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", sound, "-y", str(path)], timeout_s=60)
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture with a tone of 440 Hz in English and one of 660 Hz in German, which is far too quiet."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    sounds = [
        f"sine=frequency={f}:duration={SECONDS}:sample_rate=48000,{v}" for f, v in ((440, LEVEL), (660, "volume=-30dB"))
    ]
    picture = f"testsrc2=size=320x180:rate=25:duration={SECONDS}"
    inputs = [word for source in (picture, *sounds) for word in ("-f", "lavfi", "-i", source)]
    streams = ["-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    run([ffmpeg(), "-v", "error", *inputs, *streams, "-c:a", "aac", str(path)], timeout_s=60)
    return path


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where sources and work files of all these tests lie."""
    return tmp_path_factory.mktemp("encoded")


@pytest.fixture
def deliver(
    catalogue: None, film: Path, encoded: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., ingest.Ingested]:
    """Accept the film under a sidecar with further fields."""
    monkeypatch.setenv("MARQUEE_WORK_URL", f"file://{encoded}/work")
    monkeypatch.setenv("MARQUEE_MEZZANINE_URL", f"file://{encoded}/mezzanine")
    settings.cache_clear()

    def accept(**said: Any) -> ingest.Ingested:
        folder = settings().inbox / "the-lantern"
        folder.mkdir(parents=True)
        shutil.copyfile(film, folder / "film.mp4")
        (folder / "film.en.srt").write_text(SRT.format("A mistake"))
        (folder / "title.yaml").write_text(yaml.safe_dump({**SIDECAR, **said}))
        return ingest.ingest("the-lantern")

    return accept


@pytest.fixture
def title_id(deliver: Callable[..., ingest.Ingested]) -> int:
    """The film, published, in the clear level of protection that viewers of the platform get."""
    deliver()
    return carry("the-lantern", ladder="preview", actor="test").title_id


@pytest.fixture
def subtitles(tmp_path: Path) -> Path:
    path = tmp_path / "corrected.srt"
    path.write_text(SRT.format("Corrected"))
    return path


def replace(title_id: int, path: Path, version: int | None = None, **said: str) -> Replaced:
    described = {"type": "subtitles", "language": "en", **said}
    with of_file(path, described) as (track, folder):
        return tracks.replace(title_id, version, track, folder, actor="ada", note="a mistake")


def finish(replaced: Replaced) -> Release:
    """Carry the run that a replacement asks for; what viewers get then."""
    carry(**replaced.run.model_dump(exclude_none=True), actor="ada")
    return shown(replaced.title_id)


def shown(title_id: int) -> Release:
    with begin() as session:
        return releases.document(releases.get(session, titles.get(session, title_id).current_release_id or 0))


def content(release: Release, path: str) -> bytes:
    return next(iter(stores.origins().values())).read(f"{release.prefix}/{path}")


def clear(release: Release, kind: str, name: str, folder: Path) -> Path:
    """A track as viewers get it, decrypted with the release's own keys."""
    protection = TrackType.AUDIO if kind == "audio" else TrackType.SD
    return restoring._clear(restoring.Holding(release, Track(kind, name, protection)), folder)


def hashes(path: Path, *decoded: str) -> list[str]:
    """A hash of each frame of a file with one track; with `-c copy` of each packet."""
    argv = [ffmpeg(), "-v", "error", "-i", str(path), "-map", "0", *decoded, "-f", "framehash", "-hash", "murmur3", "-"]
    lines = run(argv, timeout_s=60).stdout.decode().splitlines()
    return [line.split(",")[5].strip() for line in lines if not line.startswith("#")]  # side data may follow


def frames(release: Release) -> list[str]:
    """A hash of each decoded frame of the picture as it is published."""
    return published(release, "video", release.video[0].name)


def published(release: Release, kind: str, name: str) -> list[str]:
    """A hash of each decoded frame of a track as it is published."""
    with TemporaryDirectory() as folder:
        return hashes(clear(release, kind, name, Path(folder)))


def pitch(release: Release, name: str) -> float:
    """Hertz of a published tone: half the times that it crosses zero in a second."""
    with TemporaryDirectory() as folder:
        path = clear(release, "audio", name, Path(folder))
        argv = [ffmpeg(), "-v", "error", "-i", str(path), "-ac", "1", "-f", "s16le", "-t", "2", "-"]
        signs = [sample < 0 for sample in array("h", run(argv, timeout_s=60).stdout)]
    return sum(a != b for a, b in pairwise(signs)) / 4


@pytest.fixture
def encodings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The outputs of all encoders that are started: chunks and sound tracks."""
    started: list[str] = []

    def noted(argv: list[str], **more: Any) -> Any:
        if "-progress" in argv:  # not those that only measure
            started.append(" ".join(argv))
        return run(argv, **more)

    for module in (encode, audio):
        monkeypatch.setattr(module, "run", noted)
    return started


def test_new_subtitles_encode_nothing_and_can_be_rolled_back(
    title_id: int, subtitles: Path, encodings: list[str]
) -> None:
    before = shown(title_id)
    asked = replace(title_id, subtitles)
    assert shown(title_id) == before  # nothing of it is seen before it is whole
    after = finish(asked)
    assert encodings == []
    assert after.release_id != before.release_id
    assert frames(after) == frames(before)
    assert len(frames(after)) == SECONDS * 25
    assert {v.kid for v in after.video}.isdisjoint(v.kid for v in before.video)  # keys of its own
    assert b"Corrected" in content(after, "text/en/en.vtt")
    assert b"A mistake" in content(before, "text/en/en.vtt")
    assert [(a.name, a.bitrate_avg) for a in after.audio] == [(a.name, a.bitrate_avg) for a in before.audio]
    with begin() as session:
        told = title_versions.listed(session, title_id)[0]
        actors = list(session.scalars(select(Publication.actor).order_by(Publication.at)))
    assert (told.action, told.actor, told.note, list(told.changed)) == ("track", "ada", "a mistake", ["subtitles en"])
    was = told.changed["subtitles en"]
    assert (was["before"]["file"], was["after"]["file"]) == ("film.en.srt", "corrected.srt")
    assert actors == ["test", "ada"]
    assert releasing.roll_back("the-lantern", actor="bo").release_id == before.release_id


def test_done_again_it_changes_nothing(title_id: int, subtitles: Path) -> None:
    asked = replace(title_id, subtitles)
    again_asked = replace(title_id, subtitles)
    assert (asked.changed, again_asked.changed) == (True, False)
    assert (asked.run, asked.version) == (again_asked.run, again_asked.version)
    after = finish(asked)
    assert finish(again_asked) == after
    assert not replace(title_id, subtitles).changed
    with pytest.raises(Outdated):
        replace(title_id, subtitles, version=1)


def test_a_corrected_dub_is_all_that_is_encoded(title_id: int, tmp_path: Path, encodings: list[str]) -> None:
    before = shown(title_id)
    after = finish(replace(title_id, tone(tmp_path / "dub.wav", 880), type="audio", language="de", role="dub"))
    assert len(encodings) == 1
    assert pitch(before, "de-dub-aac-stereo") == pytest.approx(660, abs=10)
    assert pitch(after, "de-dub-aac-stereo") == pytest.approx(880, abs=10)
    assert pitch(after, "en-aac-stereo") == pytest.approx(440, abs=10)
    assert frames(after) == frames(before)
    assert [a.name for a in after.audio] == [a.name for a in before.audio]

    described = finish(replace(title_id, tone(tmp_path / "ad.flac", 220), type="audio", role="description"))
    assert len(encodings) == 2
    assert [a.name for a in described.audio] == [*(a.name for a in before.audio), "en-description-aac-stereo"]
    assert pitch(described, "de-dub-aac-stereo") == pytest.approx(880, abs=10)  # the one replaced before stays


@pytest.mark.parametrize("step", ["build", "check", "replicate", "_point"])
def test_killed_at_any_step_the_release_before_plays_and_it_is_done_again(
    title_id: int, subtitles: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before, asked = shown(title_id), replace(title_id, subtitles)

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(releasing, step, die)
        with pytest.raises(Killed):
            finish(asked)
    assert shown(title_id) == before
    assert b"Corrected" in content(finish(replace(title_id, subtitles)), "text/en/en.vtt")


def test_what_was_collected_is_brought_back_from_the_release(
    title_id: int, subtitles: Path, tmp_path: Path, encoded: Path, encodings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every work file gone, and one replica damaged, picture and sound come from what viewers get."""
    own_work_store(encoded, tmp_path, monkeypatch)
    before = shown(title_id)
    plan = plans.load(before.plan)
    collect(before, remember=True)
    assert held(plan) == set()
    first = next(iter(stores.origins().values()))
    first.write(f"{before.prefix}/video/{before.video[0].name}/1.m4s", b"damaged")

    after = finish(replace(title_id, subtitles))
    assert encodings == []
    assert after.release_id != before.release_id
    assert [(v.vmaf_mean, v.frames) for v in after.video] == [(v.vmaf_mean, v.frames) for v in before.video]
    assert {a.name for a in after.audio} == {a.name for a in before.audio}
    for name in ("en-aac-stereo", "de-dub-aac-stereo"):
        assert published(after, "audio", name) == published(before, "audio", name)
    releasing.scrub("the-lantern")
    assert frames(after) == frames(before)


def test_people_look_at_the_picture_also_after_its_work_files_were_collected(
    title_id: int, tmp_path: Path, encoded: Path, encodings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_work_store(encoded, tmp_path, monkeypatch)
    release = shown(title_id)
    made = clear_picture(title_id, actor="ada")
    smallest = min(release.video, key=lambda each: each.height)
    assert hashes(made) == published(release, "video", smallest.name)
    collect(release, remember=True)
    assert not made.exists()
    assert len(hashes(clear_picture(title_id, actor="ada"))) == SECONDS * 25
    assert encodings == []
    collect(release, remember=True)  # and it goes again
    assert not made.exists()


def test_sound_that_is_brought_back_has_every_packet_and_loses_but_the_cut_of_the_last(
    title_id: int, tmp_path: Path, encoded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the encoder's says how many samples of the last packet count; segments of a release never did."""
    own_work_store(encoded, tmp_path, monkeypatch)
    plan = plans.load(shown(title_id).plan)
    key = audio.audio_key(plan, plan.audio[0])
    stores.work().delete(key)
    assert restoring.restore_audio(plan, plan.audio[0])
    made, brought_back = encoded / "work" / key, tmp_path / "work" / key
    packets = hashes(made, "-c", "copy")
    assert len(packets) == -(-audio.programme_samples(plan) // coding(plan.audio[0]).frame)
    assert hashes(brought_back, "-c", "copy") == packets
    assert hashes(brought_back)[:-1] == hashes(made)[:-1]


def test_work_files_that_another_plan_needs_stay(
    title_id: int, subtitles: Path, tmp_path: Path, encoded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_work_store(encoded, tmp_path, monkeypatch)
    before = shown(title_id)
    after = finish(replace(title_id, subtitles))
    plan = plans.load(after.plan)
    everything = held(plan)
    collect(before, remember=True)
    assert held(plan) == everything
    assert not plans.has_files(before.plan)
    assert plans.load(before.plan).hash == before.plan
    collect(after, remember=False)
    collect(after, remember=False)
    assert held(plan) == set()
    assert not plans.is_known(after.plan)


def own_work_store(encoded: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work files that a test may delete: the other tests go on with theirs."""
    shutil.copytree(encoded / "work", folder / "work")
    monkeypatch.setenv("MARQUEE_WORK_URL", f"file://{folder}/work")
    settings.cache_clear()


def collect(release: Release, *, remember: bool) -> None:
    with begin() as session:
        delete_work(session, release.plan, remember=remember)


def held(plan: EncodePlan) -> set[str]:
    """What is kept of a plan's files."""
    wanted = {key.split("/")[-1] for key in shared_files(plan)}
    return {key for key in stores.work().keys() if wanted & set(key.split("/"))}  # noqa: SIM118 (a store's)


def test_of_two_changes_at_once_both_are_shown_whichever_ends_last(title_id: int, subtitles: Path) -> None:
    first = replace(title_id, subtitles)
    second = replace(title_id, subtitles, language="fr")
    names = {text.name for text in finish(second).text}
    assert names == {"en", "fr"}
    assert {text.name for text in finish(first).text} == names  # it stays back
    assert b"Corrected" in content(shown(title_id), "text/en/en.vtt")


def test_a_newer_film_on_its_way_goes_first(
    title_id: int, subtitles: Path, deliver: Callable[..., ingest.Ingested]
) -> None:
    asked = replace(title_id, subtitles)
    newer = deliver(year=2000)
    with pytest.raises(Conflict, match="on its way"):
        replace(title_id, subtitles)
    with pytest.raises(Conflict, match="on its way"):
        again.encode_again(title_id, Encoding(), actor="ada")
    assert b"A mistake" in content(finish(asked), "text/en/en.vtt")  # it stays back: the newer one brings its own
    checked = quality.check(newer.delivery_id, "ebu-r128")
    quality.decide(checked.report_id, quality.REJECT, "no", "bo")
    assert b"Corrected" in content(finish(replace(title_id, subtitles)), "text/en/en.vtt")


def test_what_was_decided_holds_and_what_is_new_is_asked(title_id: int, subtitles: Path, tmp_path: Path) -> None:
    def report(asked: Replaced) -> QcReportRow:
        quality.check(asked.run.delivery_id, "ebu-r128")
        with begin() as session:
            return deliveries.reports(session, asked.run.delivery_id)[0]

    asked = report(replace(title_id, subtitles))
    assert asked.verdict == "warn"  # the quiet dub
    assert asked.decision == quality.WAIVE
    assert "decided on report" in (asked.decision_reason or "")
    quiet = tone(tmp_path / "quiet.wav", 660, "volume=-30dB")
    held_back = report(replace(title_id, quiet, type="audio", language="fr", role="dub"))
    assert held_back.decision is None
    quality.decide(held_back.id, quality.WAIVE, "it is meant", "bo")
    fast = tmp_path / "fast.srt"
    fast.write_text(SRT.format("far too much to be read in so little time " * 9))
    assert report(replace(title_id, fast)).decision is None


def test_a_dub_that_is_replaced_is_not_judged(title_id: int, tmp_path: Path) -> None:
    good = replace(title_id, tone(tmp_path / "dub.wav", 660), type="audio", language="de", role="dub")
    assert quality.check(good.run.delivery_id, "ebu-r128").verdict == "pass"


@pytest.mark.parametrize(
    ("name", "text", "said", "error"),
    [
        ("a.srt", "no subtitles", {}, DeliveryRefused),
        ("a.wav", "no sound", {"type": "audio", "role": "dub"}, DeliveryRefused),
        ("a.srt", SRT, {"language": "no language at all"}, InvalidInput),
        ("a.srt", SRT, {"kind": "other"}, InvalidInput),
        ("a.srt", SRT, {"type": "picture"}, InvalidInput),
        ("a.srt", SRT, {"role": "dub"}, InvalidInput),
    ],
)
def test_what_is_no_track_is_refused_and_nothing_changes(
    title_id: int, tmp_path: Path, name: str, text: str, said: dict[str, str], error: type[Exception]
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(error):
        replace(title_id, tmp_path / name, **said)
    with begin() as session:
        assert titles.get(session, title_id).version == 1
        assert len(session.scalars(select(DeliveryRow)).all()) == 1


def test_a_title_is_encoded_again_with_another_crop(title_id: int, subtitles: Path) -> None:
    finish(replace(title_id, subtitles))
    told = again.offer(title_id)
    assert (told.now.ladder, told.now.scheme, told.now.crop, told.size) == ("preview", "cbcs", "none", "320x180")
    before = shown(title_id)
    for crop in ("320:180:2:0", "321:90:0:0", "8:8:0:0", "wide"):
        with pytest.raises(InvalidInput, match="crop"):
            again.encode_again(title_id, Encoding(crop=crop), actor="ada")
    for wrong in (Encoding(ladder="unknown"), Encoding()):
        with pytest.raises(InvalidInput, match="profile"):
            again.encode_again(title_id, wrong, actor="ada")
    asked = again.encode_again(title_id, Encoding(crop="320:120:0:30"), actor="ada")
    carry(**asked.model_dump(exclude_none=True), actor="ada")
    after = shown(title_id)
    assert [(v.width, v.height) for v in before.video] == [(320, 180)]
    assert [(v.width, v.height) for v in after.video] == [(320, 120)]
    assert b"Corrected" in content(after, "text/en/en.vtt")
    assert again.offer(title_id).now.crop == "320:120:0:30"
    back = again.encode_again(title_id, Encoding(crop="none"), actor="ada")
    assert carry(**back.model_dump(exclude_none=True), actor="ada").release_id == before.release_id


def test_without_its_source_a_title_is_not_made_anew(
    title_id: int, subtitles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARQUEE_MEZZANINE_URL", f"file://{tmp_path}/empty")
    settings.cache_clear()
    for ask in (
        lambda: again.encode_again(title_id, Encoding(ladder="standard"), actor="ada"),
        lambda: replace(title_id, subtitles),
    ):
        with pytest.raises(Conflict, match="source is gone"):
            ask()
    assert "source is gone" in again.offer(title_id).obstacle
    actions.delete(title_id, grace=timedelta(days=1), actor="ada")
    with pytest.raises(Conflict, match="deleted"):
        again.encode_again(title_id, Encoding(), actor="ada")


def test_the_same_from_a_shell(title_id: int, subtitles: Path) -> None:
    done = CliRunner().invoke(cli, ["title", "replace-track", "the-lantern", str(subtitles), "--language", "en"])
    assert done.exit_code == 0, done.output
    assert "subtitles en, version 2" in done.stdout
    assert b"Corrected" in content(shown(title_id), "text/en/en.vtt")
    done = CliRunner().invoke(cli, ["title", "encode-again", "the-lantern", "--scheme", "none"])
    assert done.exit_code == 0, done.output
    assert shown(title_id).scheme == "none"
    with begin() as session:
        actors = set(session.scalars(select(Publication.actor)))
    assert any(actor.startswith("cli:") for actor in actors)

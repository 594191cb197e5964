"""Which files of the work store are made by a plan."""

from collections.abc import Callable, Iterator
from pathlib import Path

from marquee.content.media.audio import audio_key
from marquee.content.media.encode import chunk_key
from marquee.content.media.join import rendition_key
from marquee.content.media.package.layout import video_track
from marquee.content.media.subtitles import text_key
from marquee.content.media.thumbnails import sheets_folder
from marquee.content.media.verify import measures_key
from marquee.content.media.vmaf import scores_key
from marquee.content.media.watermark.masks import masks_key
from marquee.contracts.errors import NotFound
from marquee.contracts.plan import EncodePlan
from marquee.storage import Store


def made_by(plan: EncodePlan, work: Store) -> Callable[[str], Path]:
    """What packaging asks for, by its name: `video/h264-720p.mp4`, `audio/…`, `text/…`, `thumbs/…`; or NotFound."""
    video = {f"{video_track(rung).folder}.mp4": rendition_key(plan, rung) for rung in plan.rungs}
    audio = {f"audio/{track.name}.mp4": audio_key(plan, track) for track in plan.audio}
    keys = video | audio | {f"text/{text.name}.vtt": text_key(plan, text) for text in plan.text}
    sheets = sheets_folder(plan)

    def fetch(name: str) -> Path:
        folder, _, file = name.partition("/")
        if key := f"{sheets}/{file}" if folder == "thumbs" else keys.get(name):
            return work.fetch(key)
        raise NotFound("not made by this plan", where=plan.hash, got=name)

    return fetch


def shared_files(plan: EncodePlan) -> Iterator[str]:
    """Keys and folders of the work store that are a plan's, but may be another's too."""
    for rung in plan.rungs:
        yield from (rendition_key(plan, rung), measures_key(plan, rung))
        for chunk in plan.chunks:
            yield from (chunk_key(plan, rung, chunk), scores_key(plan, rung, chunk))
    yield from (audio_key(plan, track) for track in plan.audio)
    if plan.watermark:
        yield from (masks_key(plan, chunk) for chunk in plan.chunks)
    yield sheets_folder(plan)

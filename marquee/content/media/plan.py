"""Makes the encode plan of an accepted delivery, and its jobs."""

import os
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction

from marquee.content.media import text_tracks, tracks
from marquee.content.media.encoders import encoders
from marquee.content.media.grid import (
    lead_frames,
    make_chunks,
    make_grid,
    programme_frames,
    programme_rate,
    segments_per_key,
)
from marquee.content.media.ladder import ladder
from marquee.content.media.ladder import profile as profile_named
from marquee.content.media.pulldown import film_rate
from marquee.content.media.tracks import Measured
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.errors import InvalidInput
from marquee.contracts.media import MediaInfo, VideoStream
from marquee.contracts.plan import HDR_TRANSFERS, ChunkJob, Crop, DrmScheme, EncodePlan, Picture, Rung, Variant

INTERLACED_SHARE = 0.05  # of frames that idet calls interlaced
PULLDOWN_SHARE = 0.9  # of what moves; where less is film, undoing it would take frames from the rest


def make_plan(
    accepted: AcceptedDelivery,
    measured: Measured,
    *,
    profile: str,
    scheme: DrmScheme,
    apply_crop: bool = False,
    crop: Crop | None = None,
    attempt: int = 0,
    slots: int | None = None,
    rungs: Sequence[Rung] | None = None,
    watermark: str = "",
) -> EncodePlan:
    """Every decision before a frame is encoded. Equal arguments give an equal plan, on equal programs.

    `rungs` are those that a search has found, or none for a draft that it begins with; by default those of the profile.

    `measured` is QC's flat table; a column that is absent counts as not measured. `crop` is a person's, and goes before
    the measured one. `slots` is how many chunks are encoded at once (by default one per core): it bounds the chunks'
    length. `watermark` names the key of the watermark, for profiles that want one.

    Raises InvalidInput for an unknown profile, a stream that is not there, a picture too small or without a rate, a
    watermark without a key.
    """
    chosen = profile_named(profile)
    picture, rate = _picture(accepted.media, measured, crop or (_crop(measured) if apply_crop else None))
    if rungs is None:
        rungs = ladder(chosen, picture.width, picture.height, rate, hdr=picture.hdr)
    if chosen.watermark:
        rungs = _in_two_variants(rungs, watermark, profile)
    grid = make_grid(chosen, rate, picture.frames, rungs=max(1, len(rungs)), slots=slots or os.cpu_count() or 1)
    audio, audio_notes = tracks.audio_renditions(accepted, measured, chosen.audio)
    text, text_notes = text_tracks.text_renditions(accepted, measured)
    return EncodePlan(
        mezzanine_key=accepted.source.key,
        mezzanine_sha256=accepted.source.sha256,
        profile=profile,
        encoders=encoders(),
        scheme=scheme,
        picture=picture,
        grid=grid,
        chunks=make_chunks(grid, picture.frames),
        rungs=tuple(rungs),
        audio=audio,
        text=text,
        vmaf_every=chosen.vmaf_every,
        vmaf_between=chosen.vmaf_between,
        marks=accepted.metadata.marks,
        artwork={kind: accepted.stored(name).key for kind, name in accepted.metadata.artwork.items()},
        attempt=attempt,
        notes=(
            *_held(accepted.media),
            *_film(picture, rate),
            *_by_base(accepted.media),
            *audio_notes,
            *text_notes,
        ),
        watermark=watermark if chosen.watermark else "",
        segments_per_key=segments_per_key(chosen.crypto_period_s, grid, picture.frames),
    )


def with_tracks(base: EncodePlan, accepted: AcceptedDelivery, measured: Measured) -> EncodePlan:
    """A plan with the tracks that people have given since: its picture, grid and other sound stay what they are.

    So do the encoders' versions, by which what is encoded is found. Raises InvalidInput for a profile that is gone.
    """
    targets = profile_named(base.profile).audio
    audio = tracks.with_sound_files(base.audio, accepted, measured, targets)
    text = text_tracks.with_subtitle_files(base.text, accepted)
    return base.model_copy(update={"audio": tuple(audio), "text": tuple(text)})


def jobs(plan: EncodePlan, rungs: Collection[int] | None = None) -> Iterator[ChunkJob]:
    """All chunks of all rungs, or of these, dearest rung first: what is left for the end is small, so no slot waits
    long."""
    total = len(plan.chunks)
    for rung in range(len(plan.rungs)) if rungs is None else sorted(rungs):
        for chunk in plan.chunks:
            name = f"{plan.rungs[rung].label} · chunk {chunk.index + 1}/{total}"
            yield ChunkJob(plan=plan.hash, rung=rung, chunk=chunk.index, name=name)


def _in_two_variants(rungs: Sequence[Rung], key: str, profile: str) -> tuple[Rung, ...]:
    if not key:
        raise InvalidInput("this profile needs the key of a watermark", where="profile", got=profile)
    return tuple(rung.model_copy(update={"variant": each}) for rung in rungs for each in (Variant.A, Variant.B))


def _held(media: MediaInfo) -> list[str]:
    """A note where the picture starts after the sound."""
    late_s = media.picture.start_s - media.start_s
    return [f"the picture starts {late_s:.3f} s after the sound: its first frame is held till then"] if late_s else []


def _film(picture: Picture, rate: Fraction) -> list[str]:
    """A note where pull-down is undone."""
    return [f"film by 3:2 pull-down: its {float(rate):.3f} frames a second come back"] if picture.pulldown else []


def _by_base(media: MediaInfo) -> list[str]:
    """A note where the picture is Dolby Vision's base layer."""
    if (record := media.picture.dolby_vision) is None:
        return []
    base = HDR_TRANSFERS.get(media.picture.transfer, "SDR")
    return [f"Dolby Vision, profile {record.profile}.{record.compatibility}: carried by its base layer, {base}"]


def _picture(media: MediaInfo, measured: Measured, crop: Crop | None) -> tuple[Picture, Fraction]:
    """The picture and its frame rate."""
    video = media.picture
    rate, constant = programme_rate(video, _number(measured, "variable_share"))
    pulldown = _pulldown(measured) if constant else ""
    rate = film_rate(rate) if pulldown else rate
    lead = lead_frames(media, rate)
    width, height = _displayed(video, crop)
    picture = Picture(
        demuxer=media.demuxer,
        stream=video.index,
        start_s=video.start_s - float(lead / rate),
        frames=lead + programme_frames(video, rate, _number(measured, "picture_s"), constant=constant and not pulldown),
        constant_rate=constant,
        deinterlace=not pulldown and (_number(measured, "interlaced_share") or 0) > INTERLACED_SHARE,
        pulldown=pulldown,
        crop=crop,
        width=width,
        height=height,
        primaries=video.primaries,
        transfer=video.transfer,
        matrix=video.matrix,
        colour_range=video.colour_range,
        bit_depth=video.bit_depth,
        mastering=video.mastering if video.transfer in HDR_TRANSFERS else None,
        light=video.light if video.transfer in HDR_TRANSFERS else None,
    )
    return picture, rate


def _pulldown(measured: Measured) -> str:
    """The order of the fields in which the whole film lies by 3:2 pull-down; empty where it does not."""
    film = (_number(measured, "pulldown_share") or 0) > PULLDOWN_SHARE
    order = str(measured.get("field_order"))
    return order if film and order in ("tff", "bff") else ""


def _displayed(video: VideoStream, crop: Crop | None) -> tuple[int, int]:
    """Even width and height in square pixels, after rotation and crop."""
    width, height = video.display_size
    if crop:
        stored = (video.height, video.width) if video.rotation % 180 else (video.width, video.height)
        width, height = round(crop.width * width / stored[0]), round(crop.height * height / stored[1])
    return max(2, width // 2 * 2), max(2, height // 2 * 2)


def _crop(measured: Measured) -> Crop | None:
    sides = [_number(measured, f"crop_{side}") for side in ("width", "height", "x", "y")]
    if None in sides:
        return None
    width, height, x, y = (int(side or 0) for side in sides)
    return Crop(width=width, height=height, x=x, y=y)


def _number(measured: Measured, column: str) -> float | None:
    value = measured.get(column)
    return None if value is None else float(value)

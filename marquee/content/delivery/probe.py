"""Probes a media file by its content: the container by its signature, the streams by a restricted ffprobe."""

from pathlib import Path
from typing import Any

from marquee.content.delivery import hdr
from marquee.content.delivery.archive_streams import check_asf, check_avi, check_dv, check_flv, check_ogg, check_wave
from marquee.content.delivery.captions import with_captions
from marquee.content.delivery.dolby_vision import as_base
from marquee.content.delivery.isobmff import check_boxes
from marquee.content.delivery.parse import audio_stream, text_stream, video_stream
from marquee.content.delivery.signatures import identify, identify_sound
from marquee.content.delivery.streams import check_matroska, check_mxf, check_transport_stream
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused, ToolFailed
from marquee.contracts.media import MediaInfo, VideoStream
from marquee.storage import file_sha256
from marquee.tools.ffprobe import probe

CHECKS = {
    "mov": check_boxes,
    "matroska": check_matroska,
    "mxf": check_mxf,
    "mpegts": check_transport_stream,
    "avi": check_avi,
    "dv": check_dv,
    "asf": check_asf,
    "flv": check_flv,
    "ogg": check_ogg,
    "wav": check_wave,
}
# Named fields only: a file's own tags could fill memory otherwise.
ENTRIES = (
    "stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,r_frame_rate,avg_frame_rate,start_time,"
    "duration,nb_read_packets,pix_fmt,bits_per_raw_sample,field_order,color_primaries,color_transfer,color_space,"
    "color_range,channels,channel_layout,sample_rate"
    ":stream_tags=language,DURATION,enc_key_id:stream_disposition=attached_pic,still_image,"
    "timed_thumbnails,comment,visual_impaired,hearing_impaired,dub,forced,captions"
    f":stream_side_data=rotation,{hdr.ENTRIES}:format=duration"
)
MAX_BLOCK = 512 * 1024 * 1024  # bytes of one allocation in ffprobe; an index of a day at 60 fps takes 125 MB
MAX_STREAMS = 64
START_S, BYTES_PER_S = 60.0, 20_000_000  # time allowed: the whole file is read, perhaps over a network
PICTURES = ("attached_pic", "still_image", "timed_thumbnails")  # cover art and the like, not the programme


def probe_media(path: Path, *, sha256: str | None = None) -> MediaInfo:
    """Identify and probe a media file; every packet is read and counted. `sha256` where it is known already.

    Raises DeliveryRefused: what `identify` raises, external-reference, encrypted, truncated, damaged, unreadable,
    too-many-streams.
    """
    return _probe(path, identify(path), sha256)


def probe_sound(path: Path, *, sha256: str | None = None) -> MediaInfo:
    """The same of a file with sound alone. Raises DeliveryRefused: what `identify_sound` and `probe_media` raise."""
    return _probe(path, identify_sound(path), sha256)


def _probe(path: Path, demuxer: str, sha256: str | None) -> MediaInfo:
    if check := CHECKS.get(demuxer):
        check(path)
    size = path.stat().st_size
    streams, container_s = _streams(path, demuxer, timeout_s=START_S + size / BYTES_PER_S)
    video = (_video(path, demuxer, s, container_s) for s in streams if s["codec_type"] == "video")
    captioned = tuple(with_captions(path, demuxer, stream) for stream in video)
    audio = tuple(audio_stream(s, container_s) for s in streams if s["codec_type"] == "audio")
    return MediaInfo(
        sha256=sha256 or file_sha256(path),
        size=size,
        demuxer=demuxer,
        duration_s=max([0.0, *(v.duration_s for v in captioned), *(a.duration_s for a in audio)]),
        video=captioned,
        audio=audio,
        text=tuple(text_stream(s) for s in streams if s["codec_type"] == "subtitle"),
    )


def _video(path: Path, demuxer: str, raw: dict[str, Any], container_s: str | None) -> VideoStream:
    return hdr.with_first_frame(path, demuxer, as_base(video_stream(raw, container_s)))


def _unreadable(path: Path, expected: str, failed: ToolFailed) -> DeliveryRefused:
    got = failed.what.splitlines()[-1][-300:]
    return DeliveryRefused(
        RefusalCode.UNREADABLE, "the media cannot be read", where=path.name, expected=expected, got=got
    )


def _streams(path: Path, demuxer: str, *, timeout_s: float) -> tuple[list[dict[str, Any]], str | None]:
    """ffprobe's streams without cover art, and its duration of the container in seconds."""
    limits = ("-max_alloc", str(MAX_BLOCK))
    try:
        answer = probe(path, *limits, "-count_packets", "-show_entries", ENTRIES, demuxer=demuxer, timeout_s=timeout_s)
    except ToolFailed as failed:
        raise _unreadable(path, f"streams that ffprobe reads within {timeout_s:.0f} s", failed) from failed
    streams = answer.get("streams", [])
    if len(streams) > MAX_STREAMS:
        raise DeliveryRefused(
            RefusalCode.TOO_MANY_STREAMS,
            "too many streams",
            where=path.name,
            expected=f"at most {MAX_STREAMS}",
            got=str(len(streams)),
        )
    if any("enc_key_id" in s.get("tags", {}) for s in streams):
        raise DeliveryRefused(
            RefusalCode.ENCRYPTED,
            "the media is encrypted",
            where=path.name,
            expected="media in the clear",
            got="a ContentEncryption element",
        )
    kept = [s for s in streams if "codec_type" in s and not any(s.get("disposition", {}).get(p) for p in PICTURES)]
    return kept, answer.get("format", {}).get("duration")

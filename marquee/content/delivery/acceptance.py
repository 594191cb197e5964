"""Refuses media that no encoder can take; quality is left to QC."""

from fractions import Fraction

from marquee.content.delivery.dolby_vision import require_base
from marquee.contracts.delivery import RefusalCode
from marquee.contracts.errors import DeliveryRefused
from marquee.contracts.media import AudioStream, MediaInfo, VideoStream

MIN_SIDE, MAX_SIDE = 16, 8192  # pixels: a macroblock of H.264; 8K, also as DCI's 8192 × 4320
MIN_RATE, MAX_RATE = Fraction(1, 10), 300  # frames a second on average: recorded slides; high-speed cameras
MAX_CHANNELS = 64


def judge(media: MediaInfo, name: str) -> None:
    """Refuse what cannot be encoded; one frame is enough, and sound may be missing.

    Raises DeliveryRefused: no-video, audio-only, unknown-codec, unreadable, absurd-dimensions, zero-frame-rate,
    absurd-frame-rate, dolby-vision.
    """
    if not media.video:
        code = RefusalCode.AUDIO_ONLY if media.audio else RefusalCode.NO_VIDEO
        found = f"{len(media.audio)} audio and {len(media.text)} text streams"
        raise DeliveryRefused(code, "no moving picture", where=name, expected="a video stream", got=found)
    _judge_picture(media.picture, name)
    for stream in media.audio:
        _judge_sound(stream, name)


def judge_sound(media: MediaInfo, name: str) -> AudioStream:
    """The one track of a sound file. A picture beside it is of no account.

    Raises DeliveryRefused: not-media, unknown-codec, unreadable.
    """
    if len(media.audio) != 1:
        expected, got = "one sound track", f"{len(media.audio)}"
        raise DeliveryRefused(RefusalCode.NOT_MEDIA, "not a file of one track", where=name, expected=expected, got=got)
    (stream,) = media.audio
    if stream.codec == "unknown":
        raise DeliveryRefused(
            RefusalCode.UNKNOWN_CODEC, "no decoder for the sound", where=name, expected="a known codec", got="unknown"
        )
    _judge_sound(stream, name)
    return stream


def _judge_picture(picture: VideoStream, name: str) -> None:
    where = f"{name}: stream {picture.index}"
    if picture.codec == "unknown":
        raise DeliveryRefused(
            RefusalCode.UNKNOWN_CODEC, "no decoder for the video", where=where, expected="a known codec", got="unknown"
        )
    sides = (picture.width, picture.height, *picture.display_size)
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in sides):
        raise DeliveryRefused(
            RefusalCode.ABSURD_DIMENSIONS,
            "a picture of this size cannot be encoded",
            where=where,
            expected=f"sides of {MIN_SIDE} to {MAX_SIDE} pixels",
            got=f"{picture.width}x{picture.height} stored, {sides[2]}x{sides[3]} displayed",
        )
    if picture.pixel_format == "unknown":
        raise DeliveryRefused(
            RefusalCode.UNREADABLE, "no picture can be decoded", where=where, expected="a pixel format", got="unknown"
        )
    if not picture.frames:
        raise DeliveryRefused(
            RefusalCode.NO_VIDEO, "the video stream is empty", where=where, expected="one frame or more", got="0 frames"
        )
    if not MIN_RATE <= picture.frame_rate <= MAX_RATE:
        code = RefusalCode.ABSURD_FRAME_RATE if picture.frame_rate else RefusalCode.ZERO_FRAME_RATE
        expected, got = f"{float(MIN_RATE)} to {MAX_RATE} frames a second", f"{float(picture.frame_rate):g}"
        raise DeliveryRefused(code, "no programme has this frame rate", where=where, expected=expected, got=got)
    require_base(picture, where)


def _judge_sound(stream: AudioStream, name: str) -> None:
    if not (0 < stream.channels <= MAX_CHANNELS and stream.sample_rate > 0):
        raise DeliveryRefused(
            RefusalCode.UNREADABLE,
            "the sound cannot be decoded",
            where=f"{name}: stream {stream.index}",
            expected=f"1 to {MAX_CHANNELS} channels at a sample rate",
            got=f"{stream.channels} channels at {stream.sample_rate} Hz, codec {stream.codec}",
        )

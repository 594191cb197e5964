"""What each sound codec asks of ffmpeg, and how its packets lie in time."""

from dataclasses import dataclass, field
from typing import Any

from marquee.contracts.plan import AudioCodec, AudioRendition

SAMPLE_RATE = 48_000


@dataclass(frozen=True)
class Coding:
    """One codec, in samples at 48 kHz.

    `frame` is a packet's length. `delay` is what the encoder puts before the sound and no container takes away: so much
    is cut from the sound's start. `pre_skip` is what an edit list takes away instead.
    """

    encoder: str
    frame: int
    most_channels: int
    delay: int = 0
    pre_skip: int = 0
    options: dict[str, Any] = field(default_factory=dict)


CODINGS = {
    # The encoder's first packet holds only its delay of 1024 samples. It is dropped, so that the second one, which
    # holds the first samples, starts at 0 without an edit list that a player might ignore.
    AudioCodec.AAC: Coding("aac", 1024, 8, options={"bsf:a": "noise=drop=eq(n\\,0)"}),
    AudioCodec.EAC3: Coding("eac3", 1536, 6, delay=256, options={"bsf:a": "setts=pts=PTS+256:dts=DTS+256"}),
    AudioCodec.OPUS: Coding("libopus", 960, 8, pre_skip=312),  # RFC 7845, section 4.2
}


def coding(rendition: AudioRendition) -> Coding:
    return CODINGS[rendition.codec]


def encoder_options(rendition: AudioRendition) -> dict[str, Any]:
    """ffmpeg's output options: encoder, bitrate and what the codec needs besides."""
    chosen = coding(rendition)
    surround = rendition.codec is AudioCodec.OPUS and rendition.channels > 2
    # Packager and Chromium refuse AAC's channel configuration 12, which is 7.1 with surrounds at the side and behind
    # (ISO/IEC 14496-3, table 1.19); 7 has two of its channels in front. A program config element says what they are.
    wide = {"aac_pce": 1} if rendition.codec is AudioCodec.AAC and rendition.channels > 6 else {}
    family = {"mapping_family": int(surround)} if rendition.codec is AudioCodec.OPUS else {}
    return {"acodec": chosen.encoder, "b:a": f"{rendition.bitrate_kbps}k", **chosen.options, **wide, **family}

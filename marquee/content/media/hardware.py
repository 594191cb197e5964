"""Encoders of graphics hardware: which of them work here, and their options."""

from functools import lru_cache
from typing import Any, NamedTuple

import ffmpeg

from marquee.content.media.picture import command
from marquee.contracts.errors import InvalidInput, ToolFailed
from marquee.contracts.plan import Codec, EncodePlan, Hardware, Rung
from marquee.tools.process import run

SOFTWARE, AUTO = "software", "auto"
TRIAL = "testsrc2=size=320x192:rate=25:duration=0.2"  # larger than the least size of all
TRIAL_S = 30
VAAPI_DEVICE = "/dev/dri/renderD128"
# ffmpeg's encoders; closed groups on the grid, without key frames at scene cuts, constant quality under a rate cap.
ENCODERS: dict[Hardware, dict[Codec, str]] = {
    Hardware.NVENC: {Codec.H264: "h264_nvenc", Codec.AV1: "av1_nvenc"},
    Hardware.QSV: {Codec.H264: "h264_qsv", Codec.AV1: "av1_qsv"},
    Hardware.VAAPI: {Codec.H264: "h264_vaapi", Codec.AV1: "av1_vaapi"},
    Hardware.VIDEOTOOLBOX: {Codec.H264: "h264_videotoolbox"},
}
OPTIONS: dict[Hardware, dict[str, Any]] = {
    Hardware.NVENC: {"preset": "p5", "rc": "vbr", "b:v": 0, "forced-idr": 1, "no-scenecut": 1, "strict_gop": 1},
    Hardware.QSV: {"preset": "medium", "adaptive_i": 0},
    Hardware.VAAPI: {"rc_mode": "QVBR", "bf": 0},
    Hardware.VIDEOTOOLBOX: {"realtime": 0, "bf": 0},
}
CLOSED = {"flags": "+cgop"}
QUALITY = {Hardware.NVENC: "cq", Hardware.QSV: "global_quality:v", Hardware.VAAPI: "global_quality:v"}


class Choice(NamedTuple):
    """What is encoded with, and a word for people where it is not what was asked for."""

    hardware: Hardware
    remark: str = ""


def choose(wanted: str) -> Choice:
    """The hardware for a setting: `software`, `auto`, or a family's name, which falls back to software where it fails.

    Raises InvalidInput for another word.
    """
    if wanted == SOFTWARE:
        return Choice(Hardware.NONE)
    if wanted == AUTO:
        return Choice(next((family for family in ENCODERS if works(family)), Hardware.NONE))
    if wanted not in tuple(ENCODERS):
        expected = ", ".join((SOFTWARE, AUTO, *ENCODERS))
        raise InvalidInput("no such encoder", where="MARQUEE_ENCODER", expected=expected, got=wanted)
    if failure := trial(Hardware(wanted)):
        return Choice(Hardware.NONE, f"encoded in software: {wanted} does not work here ({failure})")
    return Choice(Hardware(wanted))


def works(family: Hardware) -> bool:
    return not trial(family)


@lru_cache
def trial(family: Hardware) -> str:
    """Encode five frames of H.264, once in a process; empty where that works, else what the encoder says of it."""
    frames = uploaded(ffmpeg.input(TRIAL, f="lavfi").filter("format", pix_fmts="yuv420p"), family, 8)
    written = frames.output("-", f="null", vcodec=ENCODERS[family][Codec.H264])
    try:
        run(command(written, *device(family)), timeout_s=TRIAL_S)
    except ToolFailed as failed:
        return failed.what.splitlines()[-1][-200:]
    return ""


def device(family: Hardware) -> tuple[str, ...]:
    """ffmpeg's global arguments."""
    return ("-vaapi_device", VAAPI_DEVICE) if family is Hardware.VAAPI else ()


def uploaded(node: Any, family: Hardware, bit_depth: int) -> Any:
    """Frames on the hardware, where its encoders do not bring them there themselves."""
    if family is not Hardware.VAAPI:
        return node
    return node.filter("format", pix_fmts="p010le" if bit_depth > 8 else "nv12").filter("hwupload")


def encodes(plan: EncodePlan, rung: Rung) -> bool:
    """Whether a rung is encoded by the plan's hardware. What that has no encoder for is left to software, and high
    dynamic range, whose metadata software writes."""
    return rung.codec in ENCODERS.get(plan.hardware, {}) and plan.picture.range_in(rung.codec) == "SDR"


def options(plan: EncodePlan, rung: Rung, common: dict[str, Any]) -> dict[str, Any]:
    """ffmpeg's options for a rung, from those that all encoders share."""
    family, kept = plan.hardware, {name: common[name] for name in ("maxrate", "bufsize", "g")}
    quality = {QUALITY[family]: rung.crf} if family in QUALITY else {"b:v": common["maxrate"]}
    return {**kept, **CLOSED, **OPTIONS[family], **quality, "vcodec": ENCODERS[family][rung.codec]}

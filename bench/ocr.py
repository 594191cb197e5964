"""How well are picture subtitles read? Real PGS and VobSub tracks against the texts that they were drawn from.

`python -m bench.ocr` (`make bench-ocr`). Accuracy is 1 - edit distance / characters of the text, markup and line breaks
aside, over the cues that the stream holds. Times are held against the text file's and against the stream's own packets.
"""

import argparse
import html
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rapidfuzz.distance import Levenshtein

from bench.figures import Figure, report
from marquee.content.delivery.probe import probe_media
from marquee.content.media.cues import Cue, read_subrip
from marquee.content.media.ocr import ReadCue, read_track
from marquee.contracts.media import MediaInfo
from marquee.tools.ffprobe import probe

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"
CLIPS = {
    "pgs": ("popeye-1080-hevc-pgs.mkv", "popeye-1080.eng.srt"),
    "vobsub": ("popeye-480-2997-vobsub.mkv", "popeye-480.eng.srt"),
}
MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Compared:
    """A cue as read, and the one of the text file that it is of."""

    read: ReadCue
    truth: Cue

    @property
    def wrong(self) -> int:
        """Characters to add, take out or change."""
        return Levenshtein.distance(plain(self.read.text), plain(self.truth.text))


def plain(text: str) -> str:
    """What a viewer reads, without markup and line breaks."""
    return " ".join(html.unescape(MARKUP.sub("", text)).split())


def compare(read: Sequence[ReadCue], truth: Sequence[Cue]) -> list[Compared]:
    """Each cue with the text that it shares most time with. A text without a picture in the stream has no pair."""
    return [Compared(cue, max(truth, key=lambda each: _shared_ms(cue, each))) for cue in read]


def _shared_ms(read: ReadCue, truth: Cue) -> int:
    return min(read.end_ms, truth.end_ms) - max(read.start_ms, truth.start_ms)


def accuracy(pairs: Sequence[Compared]) -> float:
    """Share of characters that are right, 0 to 1."""
    return 1 - sum(pair.wrong for pair in pairs) / sum(len(plain(pair.truth.text)) for pair in pairs)


def starts_ms(path: Path, media: MediaInfo, stream: int) -> list[int]:
    """Times of the stream's packets, as the container has them."""
    entries = ("-select_streams", str(stream), "-show_entries", "packet=pts_time")
    return [round(1000 * float(p["pts_time"])) for p in probe(path, *entries, demuxer=media.demuxer)["packets"]]


def measure(name: str, folder: Path) -> list[Figure]:
    """Read one clip, print what is wrong, return its figures."""
    film, text = (folder / file for file in CLIPS[name])
    media = probe_media(film)
    stream = next(stream for stream in media.text if stream.bitmap)
    began = time.monotonic()
    with TemporaryDirectory() as scratch:
        track = read_track(film, media.demuxer, stream.index, stream.codec, "en", Path(scratch))
    seconds = time.monotonic() - began
    truth = read_subrip(text.read_text(encoding="utf-8-sig"))
    pairs = compare(track.cues, truth)
    _print(name, pairs, [each for each in truth if each not in {pair.truth for pair in pairs}])
    frame_ms = 1000 / float(media.picture.frame_rate)
    own = starts_ms(film, media, stream.index)
    from_packets = [min(abs(cue.start_ms - packet) for packet in own) for cue in track.cues]
    from_text = [abs(pair.read.start_ms - pair.truth.start_ms) for pair in pairs]
    return [
        Figure(f"ocr.{name}_accuracy", 100 * accuracy(pairs), "%"),
        Figure(f"ocr.{name}_start_vs_stream_worst", max(from_packets) / frame_ms, "frames"),
        Figure(f"ocr.{name}_start_vs_text_worst", max(from_text) / frame_ms, "frames"),
        Figure(f"ocr.{name}_start_vs_text_median", median(from_text) / frame_ms, "frames"),
        Figure(f"ocr.{name}_seconds_per_cue", seconds / len(track.cues), "s"),
    ]


def _print(name: str, pairs: Sequence[Compared], unread: Sequence[Cue]) -> None:
    print(f"{name}: {len(pairs)} cues read")
    for pair in pairs:
        if pair.wrong:
            print(f"  {pair.wrong} wrong: {plain(pair.read.text)!r} for {plain(pair.truth.text)!r}")
    if unread:
        print(f"  without a picture in the stream: {', '.join(repr(plain(each.text)) for each in unread)}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.ocr", description=__doc__)
    parser.add_argument("--media", type=Path, default=Path(os.environ.get("MEDIA", MEDIA)))
    folder = parser.parse_args().media
    report("ocr", [figure for name in CLIPS for figure in measure(name, folder)], {"clips": CLIPS})


if __name__ == "__main__":
    main()

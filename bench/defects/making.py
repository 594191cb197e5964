"""Makes films with one defect each, and cleans ones, with ffmpeg."""

from pathlib import Path

from bench.defects.films import Film, sound
from bench.defects.plants import Plant
from marquee.content.delivery.probe import probe_media
from marquee.tools.binaries import ffmpeg
from marquee.tools.ffprobe import probe
from marquee.tools.process import run

TIMEOUT_S = 600
CODECS = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "50", "-pix_fmt", "yuv420p")
COLOURS = ("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709")


def make(film: Film, plant: Plant, path: Path, seed: int) -> Path:
    """The film with its defect, as Matroska with FLAC or, where bytes are broken, as MP4 with AAC."""
    quiet = [ffmpeg(), "-v", "error", "-nostdin", "-threads", "1", "-y"]
    inputs = [*film.source, "-filter_complex", graph(film, plant, seed), "-map", "[v]", "-map", "[s]"]
    coding = [*CODECS, *plant.arguments, "-c:a", "aac" if path.suffix == ".mp4" else "flac"]
    run([*quiet, *inputs, *coding, str(path)], timeout_s=TIMEOUT_S)
    if plant.packet_s is not None:
        broken(path, plant.packet_s)
    return path


def graph(film: Film, plant: Plant, seed: int) -> str:
    """ffmpeg's filter graph: [v] and [s]."""
    shown = f"fps={film.rate},{film.shape}" if "scroll" not in film.shape else film.shape
    parts = [f"[0:v]{shown},trim=duration={film.seconds},setpts=PTS-STARTPTS,{plant.picture}[main]"]
    lengths = plant.before_s + film.seconds + plant.after_s
    if plant.before_sound:
        parts += [sound(film.seconds, seed), f"{plant.before_sound}[t]", "[t][a]concat=n=2:v=0:a=1[s]"]
    else:
        parts += [sound(lengths, seed), f"[a]{plant.sound}[s]"]
    pieces = "[main]"
    for source, label in ((plant.before, "before"), (plant.after, "after")):
        if source:
            parts.append(f"{source}[{label}]")
            pieces = f"[{label}]{pieces}" if label == "before" else f"{pieces}[{label}]"
    many = pieces.count("[")
    parts.append(f"{pieces}concat=n={many}[v]" if many > 1 else "[main]null[v]")
    return ";".join(parts)


def broken(path: Path, at_s: float) -> None:
    """Turn the bits of all frames for a fifth of a second."""
    index = probe_media(path).picture.index
    entries = ["-select_streams", str(index), "-show_entries", "packet=pts_time,pos,size,flags"]
    content = bytearray(path.read_bytes())
    for packet in probe(path, *entries, demuxer="mov")["packets"]:
        if at_s - 1e-3 <= float(packet["pts_time"]) <= at_s + 0.2:
            first, size = int(packet["pos"]), int(packet["size"])
            for at in range(first + min(12, size // 2), first + size):
                content[at] ^= 0xFF
    path.write_bytes(content)

"""Generates the demo's sample film: abstract pictures, a chord, two subtitle languages, a poster."""

from pathlib import Path

import yaml
from PIL import Image, ImageDraw, ImageFont

from marquee.tools.binaries import ffmpeg
from marquee.tools.process import run

SLUG = "first-light"
SIZE, RATE = (1280, 720), 24
SCENES = {  # lavfi source and seconds; each fades into the next for one second
    "gradients=s=1280x720:rate=24:n=4:speed=0.012:type=radial:seed=7": 7,
    "mandelbrot=s=1280x720:rate=24:start_scale=1.2:end_scale=0.015:end_pts=288:maxiter=300": 12,
    "sierpinski=s=1280x720:rate=24:seed=3": 7,
    "gradients=s=1280x720:rate=24:n=6:speed=0.02:type=linear:seed=11": 7,
}
SECONDS = sum(SCENES.values()) - (len(SCENES) - 1)
LEFT = "0.25*sin(2*PI*110*t)+0.2*sin(2*PI*164.8*t)*(0.6+0.4*sin(0.7*t))+0.15*sin(2*PI*220*t)*(0.5+0.5*sin(0.31*t))"
RIGHT = "0.25*sin(2*PI*110*t)+0.2*sin(2*PI*165.1*t)*(0.6+0.4*cos(0.6*t))+0.15*sin(2*PI*277.2*t)*(0.5+0.5*cos(0.4*t))"

CUES = [  # start, end, English, German
    (1.0, 5.0, "Every picture house opens\nwith a dark room.", "Jedes Lichtspielhaus beginnt\nmit einem dunklen Raum."),
    (7.5, 10.5, "Then somebody lets in the light,", "Dann lässt jemand das Licht herein,"),
    (12.0, 15.0, "and however close you look,", "und wie nah man auch hinsieht,"),
    (16.0, 19.0, "there is always more to see.", "es gibt immer mehr zu sehen."),
    (21.0, 24.0, "[a chord hangs in the air]", "[ein Akkord hängt in der Luft]"),
    (26.0, 29.0, "The end is only\nthe lights going up.", "Das Ende ist nur,\ndass das Licht angeht."),
]


def deliver(inbox: Path) -> str:
    """Make the sample delivery `inbox/first-light/` and return its slug. About 15 s of work on two cores.

    It is made under a hidden name and appears in the inbox at once and whole.
    """
    folder = inbox / f".{SLUG}"
    folder.mkdir(parents=True, exist_ok=True)
    _card("FIRST LIGHT", "a film made by nobody").save(folder / "poster.png")
    overlay = folder / ".card.png"
    _card("FIRST LIGHT", "a film made by nobody", alpha=True).save(overlay)
    run(film_command(overlay, folder / "first-light.mp4"), timeout_s=600)
    overlay.unlink()
    for language, column in (("en", 2), ("de", 3)):
        (folder / f"{SLUG}.{language}.srt").write_text(_srt(column), encoding="utf-8")
    (folder / "title.yaml").write_text(yaml.safe_dump(_sidecar(), sort_keys=False, allow_unicode=True))
    (folder / ".done").touch()
    folder.rename(inbox / SLUG)
    return SLUG


def film_command(card: Path, output: Path) -> list[str]:
    """The ffmpeg command for the film: scenes faded into each other, the title card over the first seconds."""
    inputs = [part for source, seconds in SCENES.items() for part in ("-f", "lavfi", "-t", str(seconds), "-i", source)]
    count, graph, offset, last = len(SCENES), [], 0, "[0:v]"
    for index, seconds in enumerate(list(SCENES.values())[:-1], start=1):
        offset += seconds - 1
        graph.append(f"{last}[{index}:v]xfade=duration=1:offset={offset}[x{index}]")
        last = f"[x{index}]"
    graph.append(
        f"[{count}:v]format=rgba,fade=out:st=4:d=1:alpha=1[card];{last}[card]overlay=eof_action=pass,format=yuv420p[v]"
    )
    graph.append(f"[{count + 1}:a]loudnorm=I=-23:TP=-2:LRA=7,aresample=48000,afade=in:d=0.5[a]")
    sound = ["-f", "lavfi", "-t", str(SECONDS), "-i", f"aevalsrc='{LEFT}|{RIGHT}':s=48000"]
    return [
        *[ffmpeg(), "-v", "error", *inputs, "-loop", "1", "-framerate", str(RATE), "-t", "5", "-i", str(card), *sound],
        *["-filter_complex", ";".join(graph), "-map", "[v]", "-map", "[a]", "-t", str(SECONDS)],
        *["-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-c:a", "aac", "-b:a", "256k", "-y", str(output)],
    ]


def _card(title: str, line: str, *, alpha: bool = False) -> Image.Image:
    image = Image.new("RGBA" if alpha else "RGB", SIZE, (0, 0, 0, 0) if alpha else (16, 20, 38))
    draw = ImageDraw.Draw(image)
    if not alpha:
        for i in range(240):  # a sun behind the words
            draw.ellipse(
                (640 - 480 + i * 2, 420 - 480 + i * 2, 640 + 480 - i * 2, 420 + 480 - i * 2), fill=_glow(i / 240)
            )
    for text, size, y in ((title, 110, 330), (line, 36, 430)):
        draw.text((SIZE[0] / 2, y), text, font=ImageFont.load_default(size), fill=(255, 250, 240), anchor="mm")
    return image


def _glow(t: float) -> tuple[int, int, int]:
    return int(16 + 224 * t**2), int(20 + 120 * t**2), int(38 + 42 * t)


def _srt(column: int) -> str:
    cues = [f"{n}\n{_time(c[0])} --> {_time(c[1])}\n{c[column]}\n" for n, c in enumerate(CUES, start=1)]
    return "\n".join(cues)


def _time(seconds: float) -> str:
    return f"00:00:{int(seconds):02d},{int(seconds % 1 * 1000):03d}"


def _sidecar() -> dict[str, object]:
    return {
        "slug": SLUG,
        "kind": "film",
        "media": f"{SLUG}.mp4",
        "original_language": "en",
        "texts": {
            "en": {
                "title": "First Light",
                "synopsis": "A dark room, a beam of light, and what it finds. An abstract short.",
            },
            "de": {"title": "Erstes Licht", "synopsis": "Ein dunkler Raum, ein Lichtstrahl und was er findet."},
        },
        "year": 2026,
        "genres": ["short", "abstract"],
        "maturity_rating": "all",
        "credits": [{"name": "The Marquee authors", "role": "director"}],
        "countries": ["DE"],
        "audio": [{"stream": 0, "language": "en", "role": "main"}],
        "subtitles": [
            {"file": f"{SLUG}.en.srt", "language": "en", "kind": "full"},
            {"file": f"{SLUG}.de.srt", "language": "de", "kind": "full"},
        ],
        "artwork": {"poster": "poster.png"},
        "marks": {
            "intro_start_s": 0,
            "intro_end_s": 5,
            "credits_start_s": 26,
            "chapters": [
                {"start_s": 0, "titles": {"en": "The dark room", "de": "Der dunkle Raum"}},
                {"start_s": 6, "titles": {"en": "The light", "de": "Das Licht"}},
                {"start_s": 17, "titles": {"en": "The chord", "de": "Der Akkord"}},
            ],
        },
    }

"""Chooses a title's subtitle renditions: files, text streams, pictures that were read, captions in the picture."""

from collections.abc import Collection, Sequence

from marquee.content.media import cea708, closed_captions
from marquee.content.media.tracks import Measured, first_of_each_name, in_place, short_code
from marquee.contracts.delivery import AcceptedDelivery
from marquee.contracts.media import TextStream
from marquee.contracts.plan import TextRendition
from marquee.contracts.title import CaptionService

PRIMARY = 1  # CEA-708's service in the language of the sound


def text_renditions(accepted: AcceptedDelivery, measured: Measured) -> tuple[tuple[TextRendition, ...], list[str]]:
    """The sidecar's subtitles and caption services; where it has no subtitles, what the film holds; and those that
    people have given.

    Of what the film holds text comes before pictures, and pictures before captions in the picture. `measured` says
    which pictures QC has read. Notes on what is left out.
    """
    held = _named(accepted) if accepted.metadata.subtitles else _held(accepted, measured)
    renditions, doubles = first_of_each_name(with_subtitle_files(held, accepted), "subtitle")
    taken = {rendition.stream for rendition in renditions}
    bitmaps = [
        f"subtitle stream {s.index} ({s.codec}) holds pictures, not text: left out"
        for s in accepted.media.text
        if s.bitmap and s.index not in taken
    ]
    return renditions, bitmaps + doubles + _not_taken(accepted)


def with_subtitle_files(renditions: Sequence[TextRendition], accepted: AcceptedDelivery) -> list[TextRendition]:
    """Renditions with those of subtitle files in the place of their like."""
    files = [
        TextRendition(
            key=stored.key,
            language=track.language,
            kind=track.kind,
            label=track.label or track.language,
            encoding=track.encoding or "",
        )
        for track, stored in accepted.subtitles
    ]
    return in_place(renditions, files, lambda rendition: rendition.name)


def pictures_to_read(accepted: AcceptedDelivery) -> list[TextRendition]:
    """The film's streams of subtitle pictures that no text stands for, one of each language and kind."""
    if accepted.metadata.subtitles:
        return []
    texts = {rendition.name for rendition in _texts(accepted)}
    pictures, _ = first_of_each_name([_rendition(accepted, s) for s in accepted.media.text if s.bitmap], "subtitle")
    return [rendition for rendition in pictures if rendition.name not in texts]


def read_streams(measured: Measured, column: str) -> frozenset[int]:
    """The streams of pictures of which QC has counted some: `cues`, or `forced` ones among others."""
    rows = (name.removesuffix("_stream") for name in measured if name.startswith("pictures"))
    counted = (row for row in rows if measured.get(f"{row}_{column}"))
    return frozenset(int(measured[f"{row}_stream"] or 0) for row in counted)


def _held(accepted: AcceptedDelivery, measured: Measured) -> list[TextRendition]:
    """What the film holds, in the order of preference."""
    read, forced = read_streams(measured, "cues"), read_streams(measured, "forced")
    return [*_texts(accepted), *_pictures(accepted, read, forced), *_captions(accepted)]


def _texts(accepted: AcceptedDelivery) -> list[TextRendition]:
    return [_rendition(accepted, stream) for stream in accepted.media.text if not stream.bitmap]


def _pictures(accepted: AcceptedDelivery, read: Collection[int], forced: Collection[int]) -> list[TextRendition]:
    """What was read, and as tracks of their own the forced pictures among others."""
    found = [rendition for rendition in pictures_to_read(accepted) if rendition.stream in read]
    among = [r.model_copy(update={"kind": "forced"}) for r in found if r.stream in forced and r.kind == "full"]
    return [*found, *among]


def _captions(accepted: AcceptedDelivery) -> list[TextRendition]:
    """Captions in the picture are for the deaf, and say no language: it is the film's, or what the sidecar says.

    CEA-608 stands in where CEA-708 has no first service, which holds the same.
    """
    picture = accepted.media.picture
    if not picture.closed_captions:
        return []
    named = {each.service: each for each in accepted.metadata.captions}
    primary = CaptionService(service=PRIMARY, language=accepted.metadata.original_language)
    services = {PRIMARY: primary, **named} if PRIMARY in picture.caption_services else named
    stream = TextStream(index=picture.index, codec=closed_captions.CODEC, bitmap=False, kind="sdh")
    analogue = [] if PRIMARY in services else [_rendition(accepted, stream)]
    return [*(_service(accepted, services[n]) for n in sorted(services)), *analogue]


def _service(accepted: AcceptedDelivery, said: CaptionService) -> TextRendition:
    return TextRendition(
        key=accepted.source.key,
        stream=accepted.media.picture.index,
        language=said.language,
        kind=said.kind,
        label=said.label or said.language,
        codec=cea708.CODEC,
        service=said.service,
    )


def _named(accepted: AcceptedDelivery) -> list[TextRendition]:
    """The caption services that the sidecar names."""
    named = {each.service for each in accepted.metadata.captions}
    return [rendition for rendition in _captions(accepted) if rendition.service in named]


def _not_taken(accepted: AcceptedDelivery) -> list[str]:
    """Notes on services whose language nobody has said, and on those that are named and cannot be there."""
    said = accepted.metadata
    if said.captions and not accepted.media.picture.closed_captions:
        return ["the sidecar names caption services, and the picture holds no captions"]
    named = {PRIMARY, *(each.service for each in said.captions)}
    return (
        []
        if said.subtitles
        else [
            f"caption service {n} is left out: say its language under `captions` in the sidecar"
            for n in accepted.media.picture.caption_services
            if n not in named
        ]
    )


def _rendition(accepted: AcceptedDelivery, stream: TextStream) -> TextRendition:
    """An embedded stream in the language of its tag, else in the film's."""
    language = short_code(stream.language, accepted.metadata.original_language)
    own = {"stream": stream.index, "codec": stream.codec, "kind": stream.kind}
    return TextRendition(key=accepted.source.key, language=language, label=language, **own)

"""Titles whose pictures lie at the origins, of the size and detail that photographs have."""

import io
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bench.api.seeded_catalogue import seed_titles
from marquee.catalogue import titles
from marquee.catalogue.database import begin
from marquee.content.media.widths import narrower
from marquee.content.pipeline.stores import origins

SIZES = {"poster": (1000, 1500), "backdrop": (1920, 1080)}
MOTIFS = 6  # different pictures of each kind
GRAIN = 6  # pixels of the finest detail
Files = dict[str, bytes]  # by path below a release


def fill(count: int) -> None:
    """Publish so many titles with posters and backdrops, and the narrower ones that packaging makes."""
    with TemporaryDirectory(prefix="marquee-bench-") as folder:
        motifs = [_motif(Path(folder) / str(seed), seed) for seed in range(MOTIFS)]
    for n, title_id in enumerate(seed_titles(count)):
        files = motifs[n % MOTIFS]
        prefix = f"{title_id}/{_tell(title_id, files)}"
        for store in origins().values():
            for path, content in files.items():
                store.write(f"{prefix}/{path}", content)


def picture(size: tuple[int, int], seed: int) -> Image.Image:
    """Soft shapes under finer ones: it compresses about as a photograph does."""
    chance = random.Random(seed)
    shapes, detail = (9, 9), (size[0] // GRAIN, size[1] // GRAIN)
    soft, fine = (
        Image.frombytes("RGB", grid, chance.randbytes(3 * grid[0] * grid[1])).resize(size, Image.Resampling.BICUBIC)
        for grid in (shapes, detail)
    )
    return Image.blend(soft, fine, 0.2)


def _motif(folder: Path, seed: int) -> Files:
    files: Files = {}
    for kind, size in SIZES.items():
        made = io.BytesIO()
        picture(size, seed).save(made, "JPEG", quality=90)
        files[f"art/{kind}.jpg"] = made.getvalue()
        folder.mkdir(parents=True, exist_ok=True)
        source = folder / f"{kind}.jpg"
        source.write_bytes(made.getvalue())
        narrow = narrower(kind, source, folder)
        files |= {f"art/{width}/{kind}.webp": file.read_bytes() for width, file in narrow.items()}
    return files


def _tell(title_id: int, files: Files) -> int:
    """Put the files into the document of the title's release; the release's id."""
    with begin() as session:
        row = titles.get(session, title_id).current_release
        assert row is not None
        listed = [{"path": path, "sha256": "0" * 64, "size": len(content)} for path, content in files.items()]
        document = dict(row.document or {})
        others = [file for file in document["files"] if file["path"] not in files]
        row.document = document | {"files": others + listed}
        return row.id

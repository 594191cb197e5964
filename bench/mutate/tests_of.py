"""Which tests are to notice a change of a module: the cheapest that assert its laws, the quickest first."""

SEGMENTS = "tests/viewing/eventlog/test_segments.py"
WRITER = "tests/viewing/eventlog/test_writer.py"
SHIP = "tests/viewing/eventlog/test_ship.py"
TASTES = "tests/spark_jobs/test_tastes.py"
TRANSFORMS = "tests/spark_jobs/test_transforms.py"
TESTS = {
    "marquee/content/media/grid.py": ["tests/content/media/test_grid.py", "tests/content/media/test_plan.py"],
    "marquee/content/edge/signing.py": ["tests/content/edge/test_signing.py"],
    "marquee/content/drm/keys.py": ["tests/content/drm"],
    "marquee/content/drm/licence.py": ["tests/content/drm"],
    "ml/split.py": ["tests/ml/test_split.py"],
    "ml/gate.py": ["tests/ml/test_promote.py"],
    "marquee/viewing/eventlog/closing.py": [SHIP],
    "marquee/viewing/eventlog/files.py": [SHIP, WRITER],
    "marquee/viewing/eventlog/lines.py": [SHIP, "tests/api/test_events.py"],
    "marquee/viewing/eventlog/load.py": [SHIP],
    "marquee/viewing/eventlog/reader.py": [WRITER, SHIP],
    "marquee/viewing/eventlog/segments.py": [SEGMENTS, WRITER],
    "marquee/viewing/eventlog/ship.py": [SHIP],
    "marquee/viewing/eventlog/writer.py": [WRITER],
    "spark_jobs/cowatch.py": [TASTES],
    "spark_jobs/events.py": [TRANSFORMS],
    "spark_jobs/interactions.py": [TASTES],
    "spark_jobs/playbacks.py": [TRANSFORMS],
    "spark_jobs/ranges.py": [TRANSFORMS],
    "spark_jobs/sessions.py": [TRANSFORMS],
}

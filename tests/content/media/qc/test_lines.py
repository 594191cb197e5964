from marquee.content.media.qc.filter_output import Frame, FrameReader, Stretches, without


def stretches(*marks: tuple[str, float]) -> Stretches:
    made = Stretches("start", "end")
    for key, value in marks:
        made.see(Frame(0.0, {key: str(value)}))
    return made


def test_frames_are_whole_and_noise_between_them_is_passed_over() -> None:
    seen: list[Frame] = []
    reader = FrameReader(seen.append)
    for line in (
        "lavfi.orphan=1",
        "frame:0    pts:0       pts_time:0",
        "lavfi.a.b=1.5",
        "something a program says",
        "lavfi.c=x=y",
        "frame:1    pts:NOPTS   pts_time:NOPTS",
    ):
        reader.line(line)
    reader.close()
    reader.close()
    assert seen == [Frame(0.0, {"a.b": "1.5", "c": "x=y"}), Frame(None, {})]
    assert (seen[0].number("a.b"), seen[0].number("c"), seen[0].number("d")) == (1.5, None, None)


def test_a_stretch_that_the_end_cuts_lasts_to_the_end() -> None:
    assert stretches(("start", 1), ("end", 3), ("start", 8)).until(10, floor_s=0.5) == [(1, 3), (8, 10)]


def test_short_stretches_are_left_out() -> None:
    made = stretches(("start", 1), ("end", 1.2), ("start", 4), ("end", 6))
    assert made.until(10, floor_s=0.5) == [(4, 6)]


def test_an_end_and_a_start_on_one_frame() -> None:
    made = stretches(("start", 1))
    made.see(Frame(0.0, {"end": "3", "start": "5"}))
    assert made.until(7, floor_s=0) == [(1, 3), (5, 7)]


def test_what_is_covered_is_said_once() -> None:
    assert without([(1, 5), (4, 12)], [(0.9, 5)]) == [(4, 12)]

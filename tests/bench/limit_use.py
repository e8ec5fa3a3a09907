"""How much of the calls that XPM's limit allows a run's write phase uses, by a simulated clock.

    python tests/bench/limit_use.py

The server enforces its limits; the calls take as long as those of a fast, an
ordinary and a slow connection.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.rate_timing import pace_of_writing


def main() -> None:
    """Measure and print."""
    for seconds in ((0.0, 0.1), (0.2, 0.8), (0.5, 0.99)):
        with tempfile.TemporaryDirectory() as folder:
            pace = pace_of_writing(Path(folder), clients=640, seconds=seconds)
        told = f"calls of {seconds[0]:.1f} to {seconds[1]:.2f} s"
        print(f"{told:26}{pace.used:7.1%} of {pace.limit} a minute  (at least 95 %)  {pace.refused} refused")


if __name__ == "__main__":
    main()

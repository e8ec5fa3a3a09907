"""Progress: the phase by name, a bar where its end is known or guessed, a line that never stays still."""

from __future__ import annotations

import io
from pathlib import Path

from xpmsync.cli.terminal.progress import ProgressBar


class Seconds:
    """A clock that moves when asked to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The moment."""
        return self.now


def last_line(stream: io.StringIO) -> str:
    """What is on the line now."""
    return stream.getvalue().rpartition("\r")[2].rstrip()


def test_a_quick_phase_is_not_shown() -> None:
    """Nothing flickers for what is over in a moment, or where nobody watches."""
    for active in (True, False):
        stream, clock = io.StringIO(), Seconds()
        with ProgressBar(active=active, stream=stream, clock=clock) as bar:
            bar.step("Reading XPM", 1)
            clock.now += 0.5 if active else 60
            bar.step("Reading XPM", 2)
        assert stream.getvalue() == ""


def test_a_known_end_gives_a_bar() -> None:
    """Writing knows how many calls there are."""
    stream, clock = io.StringIO(), Seconds()
    with ProgressBar(active=True, stream=stream, clock=clock) as bar:
        bar.step("Writing Ignition", 0, 40)
        clock.now += 2
        bar.step("Writing Ignition", 10, 40)
        assert last_line(stream) == "Writing Ignition [#####...............] 10 of 40, 2 s"


def test_the_last_run_is_the_first_guess(tmp_path: Path) -> None:
    """A phase without a total has one the next time; more than guessed is a plain count."""
    file = tmp_path / "progress.json"
    clock = Seconds()
    for number in range(2):
        stream = io.StringIO()
        with ProgressBar(active=True, remembered=file, stream=stream, clock=clock) as bar:
            bar.step("Reading XPM", 0)
            clock.now += 3
            bar.step("Reading XPM", 7_500)
            bar_shown = "" if number == 0 else "[##########..........] "
            about = "" if number == 0 else " of about 15,000"
            assert last_line(stream) == f"Reading XPM {bar_shown}7,500{about}, 3 s"
            clock.now += 1
            bar.step("Reading XPM", 15_000)
    clock.now += 1
    stream = io.StringIO()
    with ProgressBar(active=True, remembered=file, stream=stream, clock=clock) as bar:
        bar.step("Reading XPM", 0)
        clock.now += 2
        bar.step("Reading XPM", 15_001)
        assert last_line(stream) == "Reading XPM 15,001, 2 s"


def test_a_run_that_failed_leaves_no_guess(tmp_path: Path) -> None:
    """Its count is not the phase's end."""
    file = tmp_path / "progress.json"
    bar = ProgressBar(active=True, remembered=file, stream=io.StringIO(), clock=Seconds())
    bar.step("Reading XPM", 7_500)
    bar.__exit__(ValueError, ValueError("broken off"), None)
    assert not file.exists()


def test_the_line_moves_while_a_system_takes_its_time() -> None:
    """Redrawn between two steps it shows the seconds; after `clear` nothing is drawn again."""
    stream, clock = io.StringIO(), Seconds()
    with ProgressBar(active=True, stream=stream, clock=clock) as bar:
        bar.step("Reading XPM", 0)
        clock.now += 2
        bar.draw()
        assert last_line(stream) == "Reading XPM 2 s"
        clock.now += 2
        bar.draw()
        assert last_line(stream) == "Reading XPM 4 s"
        bar.clear()
        shown = stream.getvalue()
        clock.now += 2
        bar.draw()
        assert stream.getvalue() == shown

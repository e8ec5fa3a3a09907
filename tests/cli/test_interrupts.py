"""Ctrl-C while writing: the first lets the write in hand be finished, the second stops at once."""

from __future__ import annotations

import signal

import pytest

from xpmsync.cli.run import stoppable


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_first_asks_and_the_second_stops(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A scheduler's SIGTERM is a person's Ctrl-C; what happens is said."""
    number = getattr(signal, name)
    with stoppable() as stop_asked:
        assert not stop_asked()
        signal.raise_signal(number)
        assert stop_asked()
        assert "Press Ctrl-C again to stop at once" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)


def test_what_signals_meant_before_comes_back() -> None:
    """Also after an error inside."""
    names = [name for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = [signal.getsignal(getattr(signal, name)) for name in names]

    def fail() -> None:
        with stoppable():
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [signal.getsignal(getattr(signal, name)) for name in names] == before

"""The crontab: our block comes and goes, everybody else's lines stay."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from support.fake_schedulers import FakeSchedulers, posix_only
from xpmsync.errors import SchedulerFailed
from xpmsync.local.schedule.cron import Cron, with_block, without_block
from xpmsync.local.schedule.job import EVERY_DAY, InstalledJob, Job

pytestmark = posix_only

JOB = Job("xpmsync-default", ("/py", "-m", "xpmsync", "sync"), time(2, 30), EVERY_DAY, date(2026, 11, 23))
NORTH = Job("xpmsync-north", ("/py", "-m", "xpmsync", "north"), time(3, 0), EVERY_DAY, date(2026, 11, 23))
FOREIGN = "MAILTO=ada@example.com\n# my own\n0 4 * * * /usr/bin/backup --to 'caf\u00e9' 100\\%\n\n@reboot /bin/true"

crontabs = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
).map(lambda lines: "".join(f"{line}\n" for line in lines))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSchedulers:
    """A crontab of our own."""
    return FakeSchedulers.on_path(tmp_path, monkeypatch)


@given(crontab=crontabs)
def test_foreign_lines_stay_byte_for_byte(crontab: str) -> None:
    """Putting blocks in, changing one and taking them out leaves any crontab as it was."""
    both = with_block(with_block(crontab, JOB), NORTH)
    changed = with_block(both, Job(JOB.name, JOB.command, time(5, 0), EVERY_DAY, JOB.first))

    assert both.startswith(crontab)
    assert without_block(without_block(both, JOB.name), NORTH.name) == crontab
    assert without_block(without_block(changed, NORTH.name), JOB.name) == crontab
    assert (both.count("30 2 * * *"), changed.count("30 2 * * *")) == (
        both.count("30 2 * * *"),
        both.count("30 2 * * *") - 1,
    )


def test_an_open_last_line_is_closed_before_the_block(fake: FakeSchedulers) -> None:
    """A crontab without a last line end gets one, or its last job and our mark would be one line."""
    fake.crontab.write_text(FOREIGN, encoding="utf-8")
    cron = Cron()

    cron.install(JOB)
    assert fake.crontab.read_text(encoding="utf-8").startswith(f"{FOREIGN}\n# >>> xpmsync-default >>>")
    assert cron.find(JOB.name) == InstalledJob(JOB.command, enabled=True)

    assert cron.remove(JOB.name)
    assert fake.crontab.read_text(encoding="utf-8") == f"{FOREIGN}\n"
    assert not cron.remove(JOB.name)


def test_bytes_that_are_no_utf8_stay(fake: FakeSchedulers) -> None:
    """A comment in an old code page is kept as it is."""
    before = b"# caf\xe9\n0 4 * * * /usr/bin/backup\n"
    fake.crontab.write_bytes(before)

    Cron().install(JOB)
    Cron().remove(JOB.name)

    assert fake.crontab.read_bytes() == before


def test_two_blocks_of_one_name_become_one(fake: FakeSchedulers) -> None:
    """A block that somebody copied would run the sync twice; installing again leaves one."""
    twice = with_block("", JOB) + "# between\n" + with_block("", JOB)
    fake.crontab.write_text(twice, encoding="utf-8")

    Cron().install(JOB)

    after = fake.crontab.read_text(encoding="utf-8")
    assert after.count("30 2 * * *") == 1
    assert "# between\n" in after


def test_a_block_without_its_end_is_not_touched(fake: FakeSchedulers) -> None:
    """Where our end mark is gone nobody can say whose the following lines are."""
    cut = with_block("", JOB).replace("# <<< xpmsync-default <<<\n", "0 4 * * * /usr/bin/backup\n")
    fake.crontab.write_text(cut, encoding="utf-8")

    for attempt in (lambda: Cron().install(JOB), lambda: Cron().remove(JOB.name)):
        with pytest.raises(SchedulerFailed) as raised:
            attempt()
        assert "last line" in raised.value.reason
    assert fake.crontab.read_text(encoding="utf-8") == cut


def test_a_crontab_that_cannot_be_read_is_not_written_over(fake: FakeSchedulers) -> None:
    """`crontab -l` that fails for another reason than "none" stops everything."""
    fake.crontab.write_text(FOREIGN, encoding="utf-8")
    fake.set("broken")

    with pytest.raises(SchedulerFailed):
        Cron().install(JOB)

    assert fake.crontab.read_text(encoding="utf-8") == FOREIGN
    assert fake.calls == ["crontab -l"]


def test_a_crontab_that_was_not_kept_is_put_back(fake: FakeSchedulers) -> None:
    """What was written is read back; where it is not there, that is said and the former text written again."""
    fake.crontab.write_text(FOREIGN, encoding="utf-8")
    fake.set("forgets")

    with pytest.raises(SchedulerFailed) as raised:
        Cron().install(JOB)

    assert "put back" in raised.value.reason
    assert fake.calls == ["crontab -l", "crontab -", "crontab -l", "crontab -"]


def test_a_block_that_somebody_commented_out_counts_as_switched_off(fake: FakeSchedulers) -> None:
    """The job is found, and found to be disabled."""
    fake.crontab.write_text(with_block("", JOB).replace("30 2", "# 30 2"), encoding="utf-8")

    assert Cron().find(JOB.name) == InstalledJob((), enabled=False)
    assert Cron().find("xpmsync-other") is None


@pytest.mark.parametrize(
    ("processes", "missing"),
    [
        (["systemd", "bash", "cron"], False),
        (["init", "crond"], False),
        (["init", "crontab", "cron-like"], True),
        ([], False),
    ],
    ids=["debian", "cronie", "none", "hidden"],
)
def test_a_missing_daemon_is_seen(tmp_path: Path, processes: list[str], missing: bool) -> None:
    """By the names of the processes; where the first of them is hidden, nothing is claimed."""
    for number, name in enumerate(processes, 1):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "comm").write_text(f"{name}\n", encoding="utf-8")
    (tmp_path / "1000").mkdir()

    assert ("no cron daemon runs" in Cron(tmp_path).obstacle()) is missing

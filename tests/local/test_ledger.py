"""The ledger: links and what was agreed, in one private file that outlives everything."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from xpmsync.core.enums import Level
from xpmsync.core.model import ClientRef, Link
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import ContactRef, Hold
from xpmsync.errors import LedgerDamaged, LedgerTooNew, LinkConflict, StateUnusable
from xpmsync.local.ledger.ledger import Ledger
from xpmsync.local.ledger.schema import MIGRATIONS

HARBOUR = Link("c1", "1000001", "Harbour Dental Ltd", "2026-11-22T09:00:00+00:00")
ANCHOR = Link("c2", "1000002", "anchor ltd", "2026-11-22T09:00:00+00:00")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger is."""
    return tmp_path / "state" / "ledger.sqlite"


def test_links_are_kept_and_listed_by_name(path: Path) -> None:
    """They are there when the file is opened again."""
    with Ledger(path) as ledger:
        ledger.add_link(HARBOUR)
        ledger.add_link(ANCHOR)
    with Ledger(path) as ledger:
        assert ledger.links() == [ANCHOR, HARBOUR]
        assert ledger.count() == 2


def test_a_link_is_found_by_either_id(path: Path) -> None:
    """XPM's in any case of letters."""
    with Ledger(path) as ledger:
        ledger.add_link(HARBOUR)
        assert ledger.link_of("C1") == ledger.link_of("1000001") == HARBOUR
        assert ledger.link_of("1000009") is None


@pytest.mark.parametrize(
    ("link", "partner"), [(Link("c1", "1000009", "A", ""), "1000001"), (Link("c9", "1000001", "A", ""), "c1")]
)
def test_no_client_has_two_partners(path: Path, link: Link, partner: str) -> None:
    """The conflict names the present partner, and changes nothing."""
    with Ledger(path) as ledger:
        ledger.add_link(HARBOUR)
        with pytest.raises(LinkConflict) as conflict:
            ledger.add_link(link)
        assert conflict.value.with_id == partner
        assert ledger.links() == [HARBOUR]


def test_unlinking_forgets_what_was_agreed(path: Path) -> None:
    """A later link of the same pair starts anew."""
    with Ledger(path) as ledger:
        ledger.add_link(HARBOUR)
        ledger.remember(HARBOUR.ref, values={"phone": "f"}, contacts={"x": "i"})
        ledger.remove_link(HARBOUR)
        ledger.add_link(HARBOUR)
        assert ledger.agreed("c1").values == {}
        assert ledger.agreed("c1").contacts == {}


def test_agreements_add_up(path: Path) -> None:
    """New fingerprints replace those of their own fields only; the name is the one seen last."""
    with Ledger(path) as ledger:
        ledger.add_link(HARBOUR)
        ledger.remember(HARBOUR.ref, values={"phone": "1", "city": "1"}, contacts={"x1": "i1"})
        renamed = ClientRef("c1", "1000001", "Harbour & Co")
        ledger.remember(renamed, values={"phone": "2"}, contacts={"x2": "i2"}, ignition_fingerprint="p")
    with Ledger(path) as ledger:
        known = ledger.agreed("c1")
        assert known.values == {"phone": "2", "city": "1"}
        assert known.contacts == {"x1": "i1", "x2": "i2"}
        assert ledger.all_agreed()("c1") == known
        (link,) = ledger.links()
        assert (link.name, link.ignition_fingerprint) == ("Harbour & Co", "p")


def test_a_client_never_compared_has_nothing_agreed(path: Path) -> None:
    """Asked one by one or all at once."""
    with Ledger(path) as ledger:
        ledger.add_link(HARBOUR)
        for known in (ledger.agreed("c1"), ledger.all_agreed()("c1"), ledger.agreed("nobody")):
            assert known.values == known.contacts == {}


def test_holds_are_kept_for_runs_that_do_not_read_the_client(path: Path) -> None:
    """With their contact; a later comparison replaces them."""
    with Ledger(path) as ledger:
        ledger.add_link(HARBOUR)
        holds = (
            Hold(HARBOUR.ref, "fax", HoldCode.BLANK_SOURCE, "Blank in XPM."),
            Hold(HARBOUR.ref, "contact", HoldCode.NEEDS_EMAIL, "No e-mail.", ContactRef("Ann", "x1", "")),
        )
        ledger.remember(HARBOUR.ref, values={}, contacts={}, holds=holds)
        ledger.remember(HARBOUR.ref, values={"phone": "1"}, contacts={})
        assert ledger.holds(HARBOUR) == holds
        ledger.remember(HARBOUR.ref, values={}, contacts={}, holds=())
        assert ledger.holds(HARBOUR) == ()


def test_a_client_may_have_a_level_of_its_own(path: Path) -> None:
    """Setting it makes the next run compare the client anew."""
    with Ledger(path) as ledger:
        ledger.add_link(HARBOUR)
        ledger.remember(HARBOUR.ref, values={}, contacts={}, ignition_fingerprint="p")
        ledger.set_level(HARBOUR, Level.NAMES)
        (link,) = ledger.links()
        assert (link.level, link.ignition_fingerprint) == (Level.NAMES, "")


def test_facts_are_replaced(path: Path) -> None:
    """The cursor, for one."""
    with Ledger(path) as ledger:
        assert ledger.fact("cursor") is None
        ledger.note("cursor", "yesterday")
        ledger.note("cursor", "today")
        assert ledger.fact("cursor") == "today"


def test_a_transaction_is_all_or_nothing(path: Path) -> None:
    """What fails in the middle has left no trace."""

    def link_twice(ledger: Ledger) -> None:
        with ledger.transaction():
            ledger.add_link(HARBOUR)
            ledger.add_link(HARBOUR)

    with Ledger(path) as ledger:
        with pytest.raises(LinkConflict):
            link_twice(ledger)
        assert ledger.links() == []
        with ledger.transaction():
            ledger.add_link(HARBOUR)
        assert ledger.links() == [HARBOUR]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes; the folder belongs to the user there")
def test_the_file_is_private(path: Path) -> None:
    """Nobody else on the machine can read client names."""
    with Ledger(path) as ledger:
        ledger.add_link(HARBOUR)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_newer_ledger_is_not_touched(path: Path) -> None:
    """It is refused with both versions, and stays as it is."""
    Ledger(path).close()
    _set_version(path, 99)
    before = path.read_bytes()
    with pytest.raises(LedgerTooNew) as newer:
        Ledger(path)
    assert (newer.value.found, newer.value.known) == (99, len(MIGRATIONS))
    assert path.read_bytes() == before


def test_a_ledger_of_the_first_version_is_brought_up(path: Path) -> None:
    """Links and agreements made by the first release are still there."""
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.executescript(MIGRATIONS[0])
    db.execute("PRAGMA user_version = 1")
    db.execute(
        "INSERT INTO links (xpm_id, ignition_id, name, since, agreed) VALUES ('c1', '1000001', 'A', '', ?)",
        ('{"fax":"1"}',),
    )
    db.commit()
    db.close()
    with Ledger(path) as ledger:
        assert [link.xpm_id for link in ledger.links()] == ["c1"]
        assert ledger.agreed("c1").values == {"fax": "1"}


def test_a_damaged_ledger_is_never_overwritten(path: Path) -> None:
    """It stays as it is, and every opening says so."""
    path.parent.mkdir()
    path.write_bytes(b"This is no database." * 100)
    for _ in range(2):
        with pytest.raises(LedgerDamaged):
            Ledger(path)
    assert path.read_bytes() == b"This is no database." * 100


def test_damage_met_on_the_way_is_damage_too(path: Path) -> None:
    """A good beginning does not save it: what is damaged inside is found when it is read."""
    with Ledger(path) as ledger, ledger.transaction():
        for number in range(200):
            ledger.add_link(Link(f"x{number}", f"i{number}", f"Client {number}", HARBOUR.since))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(LedgerDamaged), Ledger(path) as ledger:
        ledger.links()
    assert path.read_bytes() == bytes(content)


def test_an_emptied_ledger_is_no_new_one(path: Path) -> None:
    """After a power cut nothing may be left of it: where runs were noted beside it, that is damage."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    with Ledger(path):
        pass
    path.write_bytes(b"")
    path.with_name("status.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LedgerDamaged):
        Ledger(path)


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    """The state folder cannot be made there."""
    (tmp_path / "state").write_text("", encoding="utf-8")
    with pytest.raises(StateUnusable):
        Ledger(tmp_path / "state" / "ledger.sqlite")


def _set_version(path: Path, version: int) -> None:
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {version}")
    db.commit()
    db.close()

"""Linking is a run: listed, shown with its pairs, and undone as one."""

from __future__ import annotations

from support.cli_runner import Live, Shell

_DEMO = ("--profile", "demo")


def linked_names(shell: Shell) -> set[str]:
    """The names of all linked clients."""
    links = shell.json(*_DEMO, "links").data["links"]
    assert isinstance(links, list)
    return {link["name"] for link in links}


def test_match_link_is_undone_as_one(shell: Shell) -> None:
    """What was linked before stays linked; `undo last` finds the run, and a second undo has nothing to do."""
    before = linked_names(shell)
    number = shell.json(*_DEMO, "match", "link", "--yes").data["linked"]
    (run,) = shell.json(*_DEMO, "history").data["runs"]  # type: ignore[misc]
    assert (run["command"], run["counts"]) == ("match link", {"linked": number})  # type: ignore[has-type]
    pairs = shell.json(*_DEMO, "show", "1").data["linked"]
    assert isinstance(pairs, list)
    assert {pair["name"] for pair in pairs} == linked_names(shell) - before
    shown = shell.json(*_DEMO, "undo", "last", "--dry-run").data
    assert (shown["unlinked"], len(shown["links"])) == (0, number)  # type: ignore[arg-type]
    assert linked_names(shell) != before
    undone = shell.json(*_DEMO, "undo", "last", "--yes")
    assert (undone.exit_code, undone.data["unlinked"]) == (0, number)
    assert linked_names(shell) == before
    again = shell.json(*_DEMO, "undo", "1", "--yes").data
    assert (again["unlinked"], len(again["gone"])) == (0, number)  # type: ignore[arg-type]


def test_a_link_by_hand_is_a_run_and_so_is_its_undo(shell: Shell) -> None:
    """One client of a run can be undone alone; the history says what undid what."""
    xpm, ignition = "Saltbush Solar", "Whitmore Family Trust (old)"
    shell(*_DEMO, "link", xpm, ignition)
    assert f"{xpm} (XPM " in shell(*_DEMO, "show", "last").out
    assert xpm in linked_names(shell)
    told = shell(*_DEMO, "undo", "1", xpm, "--yes")
    assert (told.exit_code, "1 link removed." in told.out) == (0, True)
    assert xpm not in linked_names(shell)
    rows = shell(*_DEMO, "history").out
    assert "undo 1" in rows
    assert "1 linked" in rows
    assert "1 unlinked" in rows


def test_linking_what_is_linked_is_no_run(shell: Shell) -> None:
    """Nothing was linked, so there is nothing to look back at."""
    name = next(iter(linked_names(shell)))
    shell(*_DEMO, "link", name, name)
    assert shell.json(*_DEMO, "history").data == {"runs": []}


def test_a_run_says_how_to_undo_it(live: Live) -> None:
    """Where it ended, ready to be copied."""
    live.linked("Harbour Dental Ltd")
    assert "Undo it with: xpmsync undo 1" in live.shell("sync", "--yes").out
    assert live.shell("undo", "last", "--yes").exit_code == 0
    assert live.phones() == {"Harbour Dental Ltd": "02 5550 0999"}

"""import with several clients and with a reviewed file, from the command line."""

from __future__ import annotations

import csv
from pathlib import Path

from support.cli_runner import Live, Shell

_DEMO = ("--profile", "demo")


def test_a_ticked_review_file_imports_its_clients(shell: Shell, tmp_path: Path) -> None:
    """`match export` lists who is only in XPM; what a person ticks is created in one run, a second time nothing is."""
    review = tmp_path / "review.csv"
    shell(*_DEMO, "match", "export", str(review))
    with review.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    only_in_xpm = [row for row in rows if not row[5]]
    for row in only_in_xpm:
        row[0] = "import" if row[2] in ("Saltbush Solar", "Rangi Family Trust") else ""
    with review.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    first = shell.json(*_DEMO, "import", "--file", str(review), "--yes")
    created = first.data["created"]
    assert isinstance(created, list)
    assert {each["client"]["name"] for each in created} == {"Saltbush Solar", "Rangi Family Trust"}
    assert all(each["link"]["ignition_id"] for each in created)
    assert first.exit_code == 0
    again = shell.json(*_DEMO, "import", "--file", str(review), "--yes").data
    assert (again["created"], len(again["already"])) == ([], 2)  # type: ignore[arg-type]


def test_what_is_left_out_is_named_and_the_exit_code_says_so(live: Live) -> None:
    """The others are created; each that is left out says why and what to type."""
    anchor, bower = live.client("Anchor Ltd", contact="Bea Fox"), live.client("Bower Ltd", contact="Cy Holt")
    live.linked("Cooper Ltd")
    lost = live.client("Cooper Limited", "02 5550 0999")
    told = live.shell("import", anchor, bower, lost, "--yes")
    assert told.exit_code == 5
    assert "Cooper Limited" in told.err
    assert "--link-to" in told.err
    assert set(live.phones()) >= {"Anchor Ltd", "Cooper Ltd"}
    assert "Cooper Limited" not in live.phones()


def test_without_a_person_it_needs_yes(live: Live) -> None:
    """Nothing is created before somebody agreed to the table."""
    ids = [live.client("Anchor Ltd"), live.client("Bower Motors Pty Ltd")]
    told = live.shell("import", *ids)
    assert told.exit_code == 2
    assert "--yes" in told.err
    assert live.phones() == {}
    shown = live.shell("import", *ids, "--dry-run")
    assert shown.exit_code == 0
    assert all(name in shown.out for name in ("Anchor Ltd", "Bower Motors Pty Ltd", "nothing was created"))


def test_options_of_a_single_import_and_an_empty_file_are_refused(live: Live, tmp_path: Path) -> None:
    """--new and --link-to speak of one client; a file without a tick, and no client at all, do nothing."""
    ids = [live.client("Anchor Ltd"), live.client("Bower Ltd")]
    review = tmp_path / "review.csv"
    review.write_text("Decision,XPM id,Ignition id\r\n", encoding="utf-8")
    for words, message in (
        ((*ids, "--new"), "single client"),
        (("--file", str(review)), "No client is ticked"),
        ((), "No client is named"),
    ):
        told = live.shell("import", *words)
        assert told.exit_code == 2
        assert message in told.err


def test_words_without_quotes_are_one_name_where_a_client_has_it(live: Live) -> None:
    """Otherwise each is a client of its own."""
    live.client("Anchor Boat Hire Ltd")
    live.client("Bower")
    live.client("Cooper")
    one = live.shell.json("--quiet", "import", "anchor", "boat", "hire", "ltd", "--dry-run").data
    assert one["outcome"] == "preview"
    several = live.shell.json("--quiet", "import", "Bower", "Cooper", "--dry-run").data["to_create"]
    assert isinstance(several, list)
    assert [client["name"] for client in several] == ["Bower", "Cooper"]
    linked = live.shell("import", "anchor", "boat", "--link-to", "none-such")
    assert "single client" not in linked.err  # both words are one client
    told = live.shell("import", "bowre", "ltd", "--dry-run")
    assert told.exit_code == 2
    assert "'bowre ltd'" in told.err  # named whole, not word by word

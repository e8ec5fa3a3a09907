"""The review file: decisions are carried out once, and contradictions are held for a person."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sync_rig import SyncRig, open_rig
from xpmsync.core.model import Link
from xpmsync.errors import InvalidReviewFile
from xpmsync.usecases.clients.match import Matches, dismiss, find_matches
from xpmsync.usecases.clients.review_file import Decided, read_import_ticks, read_review_file, write_review_file
from xpmsync.usecases.context.context import Silent


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[SyncRig]:
    """A practice where nothing is linked yet."""
    with open_rig(tmp_path / "state", seeded=True, linked=False) as rig:
        yield rig


@pytest.fixture
def review(rig: SyncRig, tmp_path: Path) -> Path:
    """Its unsure review, with two rows at least."""
    file = tmp_path / "review.csv"
    assert write_review_file(find_matches(rig.context, Silent()), file)[0] >= 2
    return file


def test_a_pile_goes_through_a_spreadsheet(rig: SyncRig, review: Path) -> None:
    """Decisions filled in are carried out: same links, not the same is remembered, blank waits."""
    rows = decide(review, ["same", " Not  the same"])
    done = take(rig, review)
    assert [(link.xpm_id, link.ignition_id) for link in done.linked] == [rows[0]]
    assert (done.already, done.distinct_pairs, done.held) == (0, 1, ())
    assert rig.context.ledger.distinct_pairs().keys() == {rows[1]}
    assert done.undecided == len(found(rig).waiting)


def test_a_pile_applied_twice_is_done_already(rig: SyncRig, review: Path) -> None:
    """The second time nothing is linked, nothing is held, and the links are as they were."""
    decide(review, ["same", "no"])
    take(rig, review)
    links = rig.context.ledger.links()
    done = take(rig, review)
    assert (done.linked, done.already, done.distinct_pairs, done.held) == ((), 1, 1, ())
    assert rig.context.ledger.links() == links


def test_not_the_same_never_undoes_a_link(rig: SyncRig, review: Path) -> None:
    """A line that contradicts a link is held and named; the link stays, and so do the other decisions."""
    rows = decide(review, ["same"])
    take(rig, review)
    decide(review, ["not the same", "no"])
    done = take(rig, review)
    (held,) = done.held
    assert (held.line, held.same, held.linked_id, held.with_id) == (2, False, *rows[0])
    assert held.client.name
    assert (done.distinct_pairs, len(rig.context.ledger.links())) == (1, 1)
    assert rows[0] not in rig.context.ledger.distinct_pairs()


def test_a_client_linked_elsewhere_is_held(rig: SyncRig, review: Path) -> None:
    """The line, the pair and the present partner are named, whichever of the two is linked; the rest is linked."""
    first, second = decide(review, ["same", "same"])[:2]
    others = found(rig).matching.sure
    rig.context.ledger.add_link(Link(first[0], others[0].ignition_id, "A", ""))
    rig.context.ledger.add_link(Link(others[1].xpm_id, second[1], "B", ""))
    done = take(rig, review)
    assert [(one.line, one.linked_id, one.with_id) for one in done.held] == [
        (2, first[0], others[0].ignition_id),
        (3, second[1], others[1].xpm_id),
    ]
    assert not done.linked


@pytest.mark.parametrize("word", ["perhaps", "same?", "notthesame"])
def test_a_word_that_is_no_decision_does_nothing(rig: SyncRig, review: Path, word: str) -> None:
    """The line is named, and no row before it was carried out."""
    decide(review, ["same", word])
    assert refused(rig, review) == ("word", 3, word)


def test_a_pair_that_is_both_does_nothing(rig: SyncRig, review: Path) -> None:
    """Both lines are named."""
    rows = decide(review, ["same"])
    append(review, "not the same", *rows[0])
    assert refused(rig, review) == ("contradiction", len(rows) + 2, "2")


def test_a_pair_decided_twice_alike_is_decided_once(rig: SyncRig, review: Path) -> None:
    """A row that was copied does no harm."""
    rows = decide(review, ["same"])
    append(review, "same", *rows[0])
    done = take(rig, review)
    assert (len(done.linked), done.already, done.held) == (1, 0, ())


@pytest.mark.parametrize("column", [0, 1])
def test_a_client_that_is_gone_is_named(rig: SyncRig, review: Path, column: int) -> None:
    """The id that is not there any more, and in which line; no row before it was carried out."""
    rows = decide(review, ["same"])
    pair = [*rows[1]]
    pair[column] = "77"
    append(review, "same", *pair)
    assert refused(rig, review) == ("gone", len(rows) + 2, "77")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "missing"),
        ("Decision;Ignition id\r\n".encode("utf-16"), "not-utf-8"),
        (b"Name,XPM id,Ignition id\r\n", "no-column"),
        (b"", "no-column"),
        (b'Decision,XPM id,Ignition id\r\n"same"x,1,2\r\n', "not-csv"),
    ],
)
def test_a_file_that_is_no_pile(rig: SyncRig, tmp_path: Path, content: bytes | None, reason: str) -> None:
    """What is wrong with it is told by a word of its own."""
    file = tmp_path / "other.csv"
    if content is not None:
        file.write_bytes(content)
    assert refused(rig, file)[0] == reason


def test_a_folder_is_no_pile(rig: SyncRig, tmp_path: Path) -> None:
    """What the operating system says is kept."""
    reason, _, detail = refused(rig, tmp_path)
    assert reason == "unreadable"
    assert detail


def test_semicolons_are_read_too(rig: SyncRig, review: Path) -> None:
    """Spreadsheets of some countries save them instead of commas."""
    rows = decide(review, [])
    review.write_text(f"Decision;XPM id;Ignition id\r\nsame;{rows[0][0]};{rows[0][1]}\r\n", encoding="utf-8")
    assert len(take(rig, review).linked) == 1


def test_a_review_file_lists_who_is_only_in_xpm(rig: SyncRig, tmp_path: Path) -> None:
    """After the unsure pairs, without an Ignition client; a tick is for import, and no decision on a pair."""
    for one in found(rig).waiting:
        dismiss(rig.context, found(rig), one.xpm_id)
    file = tmp_path / "review.csv"
    unsure, only_in_xpm = write_review_file(found(rig), file)
    assert unsure == 0
    assert 1 < only_in_xpm <= len(found(rig).matching.none_xpm)
    rows = decide(file, ["import", "X"])
    assert {ignition for _, ignition in rows} == {""}
    assert read_import_ticks(file) == [xpm for xpm, _ in rows[:2]]
    assert take(rig, file).linked == ()


def test_nobody_unsure_and_nobody_only_in_xpm_is_no_file(tmp_path: Path) -> None:
    """An empty file would only ask for decisions that nobody has to take."""
    with open_rig(tmp_path / "empty") as rig, rig.open() as context:
        assert write_review_file(find_matches(context, Silent()), tmp_path / "review.csv") == (0, 0)
    assert not (tmp_path / "review.csv").exists()


def found(rig: SyncRig) -> Matches:
    """All clients, sorted now."""
    return find_matches(rig.context, Silent())


def take(rig: SyncRig, file: Path) -> Decided:
    """Hand the review back."""
    return read_review_file(rig.context, file, Silent())


def refused(rig: SyncRig, file: Path) -> tuple[str, int, str]:
    """Why the review was refused: the reason, the line, the detail; nothing was carried out."""
    with pytest.raises(InvalidReviewFile) as problem:
        take(rig, file)
    assert not rig.context.ledger.links()
    assert not rig.context.ledger.distinct_pairs()
    return problem.value.reason, problem.value.line, problem.value.detail


def decide(file: Path, decisions: list[str]) -> list[tuple[str, str]]:
    """Fill in the first column, row by row, as a spreadsheet would save it; returns each row's pair of ids."""
    text = file.read_text(encoding="utf-8-sig")
    head, *rows = list(csv.reader(text.splitlines()))
    for row, decision in zip(rows, decisions, strict=False):
        row[0] = decision
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return [(row[1], row[5]) for row in rows]


def append(file: Path, decision: str, xpm_id: str, ignition_id: str) -> None:
    """Add a row at the end."""
    with file.open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerow([decision, xpm_id, "", "", "", ignition_id, "", "", "", "", ""])

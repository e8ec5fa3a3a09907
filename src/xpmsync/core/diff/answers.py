"""What the target shows after a write, held against what was sent to it.

An answer of OK is no proof that a value took. A target may lay a value out in its
own way, which counts as agreed as long as the source stays the same; or it may
keep the old value, cut the new one or ignore an empty element, and then the
change has failed.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import Field, FieldKind, field as catalogue_field
from xpmsync.core.enums import System
from xpmsync.core.model import Answer, Client
from xpmsync.core.plan.plan import Change, ChangeKind
from xpmsync.core.text import same, visible

MOST_REFUSED: Final = 2
"""After so many runs in a row that the target did not take a value, it is no longer sent."""

PENDING: Final = -1
"""What `Answer.refused` says of a value in a pending upload, next to what the target showed before."""

_RESPELLABLE: Final = (FieldKind.TEXT, FieldKind.LINES, FieldKind.COUNTRY)
"""An e-mail, a number, a flag or a choice has no other spelling than those that are the same anyway."""
_URL_LAYOUT: Final = re.compile(r"^[a-z]+://(?:www\.)?|^www\.|/+$")
_FEWEST_LETTERS: Final = 3


class Taken(StrEnum):
    """What became of a value that was sent."""

    TOOK = "took"
    RESPELLED = "respelled"
    """It took in the target's own spelling: blanks squeezed, capitals, a URL prefixed, an address laid out again."""
    REFUSED = "not-taken"
    """The old value is still there, or the new one is cut, or something else is there."""


def taken(row: Field, sent: str, old: str, shown: str) -> Taken:
    """What became of a value: `old` was there before, `shown` is there now."""
    if same(row.kind, sent, shown):
        return Taken.TOOK
    letters, shown_letters = _letters(sent), _letters(shown)
    if row.kind not in _RESPELLABLE or not letters:
        return Taken.REFUSED
    if letters == shown_letters:
        return Taken.RESPELLED
    extended = row.kind is FieldKind.LINES and len(letters) >= _FEWEST_LETTERS and shown_letters.startswith(letters)
    return Taken.RESPELLED if extended and not same(row.kind, old, shown) else Taken.REFUSED


def answer_of(row: Field, target: System, source_text: str, target_text: str, *, refused: int = 0) -> Answer:
    """What to remember of a value that the target shows differently from what was sent."""
    source, shown = fingerprint.of_value(row, source_text), fingerprint.of_value(row, target_text)
    return Answer(shown, source, refused) if target is System.XPM else Answer(source, shown, refused)


def answer_of_upload(
    row: Field, target: System, source_text: str, target_text: str, known: Answer | None, *, uploaded: bool
) -> Answer | None:
    """What became of a value in a pending upload, as far as the target shows it now; else what was `known`.

    A value that the target still shows as before may not have been uploaded yet, unless
    it is known that it was `uploaded`. One that is neither the target's spelling of it
    nor cut was edited by a person.
    """
    if known is None or known.refused != PENDING:
        return known
    if known.in_(target.other) != fingerprint.of_value(row, source_text):
        return known
    if known.in_(target) == fingerprint.of_value(row, target_text):
        return answer_of(row, target, source_text, target_text, refused=MOST_REFUSED) if uploaded else known
    outcome = taken(row, source_text, "", target_text)
    if outcome is Taken.RESPELLED:
        return answer_of(row, target, source_text, target_text)
    if outcome is Taken.REFUSED and is_cut(source_text, target_text):
        return answer_of(row, target, source_text, target_text, refused=MOST_REFUSED)
    return known


def is_cut(sent: str, shown: str) -> bool:
    """Whether a value that is shown is the beginning of the one that was sent, and not all of it."""
    letters, rest = _letters(shown), _letters(sent)
    return bool(letters) and letters != rest and rest.startswith(letters)


def is_respelled(row: Field, target: System, source_text: str, target_text: str, answer: Answer | None) -> bool:
    """Whether the two texts are the agreed pair of a value and the target's own spelling of it."""
    return answer is not None and not answer.refused and _is_pair(row, target, source_text, target_text, answer)


def is_kept(row: Field, target: System, source_text: str, target_text: str, answer: Answer | None) -> bool:
    """Whether the target has refused this very value too often, and neither side changed since."""
    return (
        answer is not None
        and answer.refused >= MOST_REFUSED
        and _is_pair(row, target, source_text, target_text, answer)
    )


def _is_pair(row: Field, target: System, source_text: str, target_text: str, answer: Answer) -> bool:
    pair = answer_of(row, target, source_text, target_text)
    return (pair.xpm, pair.ignition) == (answer.xpm, answer.ignition)


def _letters(text: str) -> str:
    """Letters and digits only, whatever their case, without what belongs to a web address's layout."""
    trimmed = _URL_LAYOUT.sub("", visible(text).casefold())
    return "".join(character for character in trimmed if character.isalnum())


_PRIMARY = "contact.primary"
"""Follows from other writes too: a new primary contact takes the flag from the former one."""


def only_ours(before: Client, now: Client, changes: Sequence[Change], target: System) -> bool:
    """Whether the record differs from what it was before the writes by these changes alone.

    If not, somebody edited it meanwhile, and it must be compared again: a run
    that took that edit for its own would never look at it.
    """
    ours = {
        (change.contact.id_in(target) if change.contact else "", change.field): change.new
        for change in changes
        if change.kind is ChangeKind.FIELD
    }
    added = sum(change.kind is ChangeKind.CONTACT for change in changes)
    known = {contact.id: contact for contact in before.contacts}
    return (
        now.state is before.state
        and _fits("", before.values, now.values, ours)
        and known.keys() <= {contact.id for contact in now.contacts}
        and len(now.contacts) == len(before.contacts) + added
        and all(
            _fits(contact.id, known[contact.id].values, contact.values, ours)
            for contact in now.contacts
            if contact.id in known
        )
    )


def _fits(
    contact_id: str, before: Mapping[str, str], now: Mapping[str, str], ours: Mapping[tuple[str, str], str]
) -> bool:
    for name in before.keys() | now.keys():
        old, new = before.get(name, ""), now.get(name, "")
        written = ours.get((contact_id, name))
        if name == _PRIMARY:
            continue
        if written is None and old != new:
            return False
        if written is not None and not same(catalogue_field(name).kind, written, new):
            return False
    return True

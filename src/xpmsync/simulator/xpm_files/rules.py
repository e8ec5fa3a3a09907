"""How XPM's import may behave where Xero's help pages contradict each other or are silent: one switch each.

Nobody here has imported into a live XPM (facts on XPM's files, section 2). What
xpmsync writes must do no harm under every combination, and `every_rules` yields them all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class KeyRule(StrEnum):
    """What a row of the clients file is matched by."""

    UUID = "uuid"
    NAME = "name"
    BOTH = "both"


class ContactNameRule(StrEnum):
    """What a filled `ContactName` in the clients file does."""

    DOUBLES = "doubles"
    MATCHES = "matches"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ImportRules:
    """One reading of the help pages.

    `key`: by UUID (a row without one by its name), by name whatever the UUID, or a UUID and a name that
    must be those of one client. `blank_clears`: a blank cell deletes the value. `contact_name`: it makes
    a second contact, makes one only where the client has none of that name, or does nothing.
    `archived_blocks`: an archived client of the same name counts as a second client of the name.
    `extra_fails`: a column that XPM does not know fails the whole file.
    """

    key: KeyRule = KeyRule.UUID
    blank_clears: bool = True
    contact_name: ContactNameRule = ContactNameRule.DOUBLES
    archived_blocks: bool = True
    extra_fails: bool = False


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that XPM did not take: the line it begins on (the header is line 1), and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What XPM's screen shows after an import, with what the rows did.

    `rows` is how many the file has. `created` and `updated` count clients or contacts, by the file's kind;
    `skipped` the rows of existing ones that were left alone; `doubled` the contacts that a clients file made.
    A row with a problem changed nothing; the others were imported.
    """

    kind: str
    rows: int
    created: int
    updated: int
    skipped: int
    doubled: int
    errors: tuple[RowProblem, ...]


def every_rules() -> Iterator[ImportRules]:
    """Every combination of readings."""
    both = (True, False)
    for key, clears, contact_name, blocks, fails in product(KeyRule, both, ContactNameRule, both, both):
        yield ImportRules(key, clears, contact_name, blocks, fails)

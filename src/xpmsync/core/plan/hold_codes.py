"""Why something that differs is not written: the codes of holds, and their words in totals. Light, for `status`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class HoldCode(StrEnum):
    """Why something that differs will not be written."""

    LEVEL = "level"
    DIRECTION = "direction"
    BLANK_SOURCE = "blank-source"
    ROUTE_CANNOT = "route-cannot"
    AMBIGUOUS_CONTACT = "ambiguous-contact"
    DUPLICATE_CONTACT = "duplicate-contact"
    PRIMARY_UNSET = "primary-unset"
    SHARED_CONTACT = "shared-contact"
    AMBIGUOUS_GROUP = "ambiguous-group"
    CONTACT_ONLY_IN_TARGET = "contact-only-in-target"
    ARCHIVED = "archived"
    MISSING = "missing"
    EDITED = "edited"
    TARGET_KEEPS = "target-keeps"
    NEEDS_EMAIL = "needs-email"
    SEVERAL_PHONES = "several-phones"
    NEEDS_NAME = "needs-name"
    UNWRITABLE = "unwritable"
    UNREADABLE = "unreadable"
    FORMULA = "formula"
    DAMAGED = "damaged"
    BAD_EXPORT = "bad-export"
    WAITING = "waiting"
    CONTRADICTION = "contradiction"
    STALE = "stale"
    CHANGED_SINCE = "changed-since"
    CANNOT_UNDO = "cannot-undo"
    EXCEPTED = "excepted"
    """A person wants it left alone; such holds are counted in a plan, not listed."""


HOLD_WORDS: Final[Mapping[HoldCode, str]] = {
    HoldCode.LEVEL: "not at this level",
    HoldCode.DIRECTION: "not in this direction",
    HoldCode.BLANK_SOURCE: "blank in the source",
    HoldCode.ROUTE_CANNOT: "cannot be written this way",
    HoldCode.AMBIGUOUS_CONTACT: "unclear which contact",
    HoldCode.DUPLICATE_CONTACT: "contact twice",
    HoldCode.PRIMARY_UNSET: "no primary contact in XPM",
    HoldCode.SHARED_CONTACT: "contact of several clients",
    HoldCode.AMBIGUOUS_GROUP: "in several groups",
    HoldCode.CONTACT_ONLY_IN_TARGET: "contact only in the target",
    HoldCode.ARCHIVED: "archived",
    HoldCode.MISSING: "no longer there",
    HoldCode.EDITED: "edited in the target",
    HoldCode.TARGET_KEEPS: "not taken by the target",
    HoldCode.NEEDS_EMAIL: "no usable e-mail",
    HoldCode.SEVERAL_PHONES: "several phone numbers",
    HoldCode.NEEDS_NAME: "no name",
    HoldCode.UNWRITABLE: "control characters",
    HoldCode.UNREADABLE: "unreadable",
    HoldCode.FORMULA: "begins like a formula",
    HoldCode.DAMAGED: "damaged by a spreadsheet program",
    HoldCode.BAD_EXPORT: "the export cannot be used",
    HoldCode.WAITING: "in a pending upload",
    HoldCode.CONTRADICTION: "the client numbers disagree",
    HoldCode.STALE: "changed since the plan was made",
    HoldCode.CHANGED_SINCE: "changed since that run",
    HoldCode.CANNOT_UNDO: "cannot be undone",
    HoldCode.EXCEPTED: "left alone by an exception",
}
"""Why something is held, in totals; a hold's own reason names its field and system."""


def waiting_line(code: str, number: int) -> str:
    """What waits for a person by its code: a hold's, or one of a run that ended badly."""
    match code:
        case "upload":
            return f"{number:,} {'file' if number == 1 else 'files'} to upload"
        case "failed":
            return f"{number:,} {'call' if number == 1 else 'calls'} failed"
        case "undecided":
            return f"{number:,} {'creation' if number == 1 else 'creations'} of unknown outcome"
        case "sign-in":
            return "a sign-in"
        case "guard":
            return "a plan that a guard stopped"
        case _:
            words = next((words for hold, words in HOLD_WORDS.items() if hold == code), code)
            return f"{number:,} {'hold' if number == 1 else 'holds'} ({words})"

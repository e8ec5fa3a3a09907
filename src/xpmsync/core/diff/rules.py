"""What happens to one field of one linked client: the eight rules of the design, in one function."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.core import fingerprint
from xpmsync.core.catalogue import Field, FieldKind, NeverFlows, flows
from xpmsync.core.diff.answers import is_kept, is_respelled
from xpmsync.core.enums import Direction, Level, OnEdited
from xpmsync.core.model import Answer
from xpmsync.core.plan.hold_codes import HoldCode
from xpmsync.core.plan.plan import Why
from xpmsync.core.ports.store import Capabilities
from xpmsync.core.text import choices, formula_like, has_several, normalise, same, single_email, visible

_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 forbids or discourages; no system shows them."""

_NEVER_BLANK: Final = ("name", "contact.name")


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings and abilities that decide what flows."""

    direction: Direction
    level: Level
    source: Capabilities
    target: Capabilities
    on_edited: OnEdited = OnEdited.OVERRIDE
    clear_blanks: bool = False
    set_primary: bool = False


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """A change (`why`) or a hold (`code` and `reason`) for one field."""

    why: Why | None = None
    code: HoldCode | None = None
    reason: str = ""


def evaluate_field(
    row: Field,
    source: str,
    target: str,
    agreed: str | None,
    rules: Rules,
    pending: Sequence[str] = (),
    answer: Answer | None = None,
) -> FieldVerdict | None:
    """Decide over one field; None where source and target say the same.

    `agreed` is the fingerprint of what both sides last held in common, None where
    nothing was agreed yet, an empty text where both were blank. `pending` holds the
    fingerprints of values in pending uploads, `answer` how the target showed a value
    that was sent: finding any of these is no edit of a person.
    """
    system = rules.direction.target
    if same(row.kind, source, target) or is_respelled(row, system, source, target, answer):
        return None
    target_fingerprint = fingerprint.of_value(row, target)
    ours = (agreed, *pending, *([answer.in_(system)] if answer else []))
    edited = agreed is not None and target_fingerprint not in ours
    hold = field_hold(row, source, rules)
    if hold is None and not normalise(row.kind, source):
        hold = _blank(row, agreed, rules)
    if hold is None and rules.source.from_file and (what := damage(source, target)):
        where = rules.direction.source.label
        reason = (
            f"{where}'s file has {what}. Correct it in {where}, or in {system.label} if it is right as it is there."
        )
        hold = _hold(HoldCode.DAMAGED, reason)
    if hold is None and is_kept(row, system, source, target, answer):
        hold = _hold(HoldCode.TARGET_KEEPS, f"{system.label} did not take it; correct it there or leave it.")
    if hold is None and edited and rules.on_edited is OnEdited.HOLD:
        reason = f"Edited in {system.label} since the last sync, and on_edited is set to hold."
        hold = _hold(HoldCode.EDITED, reason)
    if hold is not None:
        return hold
    if edited:
        return FieldVerdict(Why.TARGET_EDITED)
    return FieldVerdict(Why.FIRST_SYNC if agreed is None else Why.SOURCE_CHANGED)


def field_hold(row: Field, source: str, rules: Rules) -> FieldVerdict | None:
    """Return why a source value may not be written, whatever the target holds, or None when it may."""
    match flows(row, rules.direction, rules.level):
        case NeverFlows.DIRECTION:
            return _hold(HoldCode.DIRECTION, f"{row.label} only flows from XPM to Ignition.")
        case NeverFlows.LEVEL:
            only = "Nothing flows" if rules.level is Level.NOTHING else "Only client names flow"
            return _hold(HoldCode.LEVEL, f"{only} at level {rules.level.value}.")
        case None:
            pass
    target = rules.direction.target.label
    if rules.target.blocked:
        return _hold(HoldCode.BAD_EXPORT, rules.target.blocked)
    if row.name not in rules.target.writes:
        return _hold(HoldCode.ROUTE_CANNOT, f"{route_to(rules)} cannot write it.{rules.target.remedy}")
    if rules.target.check is not None and (reason := rules.target.check.value(row.name, source)):
        return _hold(HoldCode.ROUTE_CANNOT, reason)
    if row.kind is FieldKind.EMAIL and visible(source) and not single_email(source):
        where = rules.direction.source.label
        return _hold(HoldCode.NEEDS_EMAIL, f"It is not one single e-mail address; correct it in {where}.")
    if row.kind is FieldKind.PHONE and has_several(source):
        where = rules.direction.source.label
        reason = f"It holds more than one telephone number, and {target} has room for one. Choose in {where}."
        return _hold(HoldCode.SEVERAL_PHONES, reason)
    if row.kind is FieldKind.CHOICE and len(choices(source)) > 1:
        groups = ", ".join(line.strip() for line in source.splitlines() if line.strip())
        return _hold(
            HoldCode.AMBIGUOUS_GROUP,
            f"In several groups ({groups}); {target} has room for one. Choose there.",
        )
    if _UNWRITABLE.search(source):
        return _hold(HoldCode.UNWRITABLE, f"It contains control characters that {target} cannot take.")
    if rules.target.by_rows and formula_like(source):
        sign = {"\t": "a tab", "\r": "a line end"}.get(source[0], source[0])
        where = rules.direction.source.label
        return _hold(
            HoldCode.FORMULA, f"It begins with {sign}; a spreadsheet program would run it. Change it in {where}."
        )
    return None


def _blank(row: Field, agreed: str | None, rules: Rules) -> FieldVerdict | None:
    """Rule 5: a blank source clears only what was once agreed, and only when asked to."""
    source, target = rules.direction.source.label, rules.direction.target.label
    if row.name in _NEVER_BLANK:
        return _hold(HoldCode.BLANK_SOURCE, f"Blank in {source}; {target} needs a value.")
    if not agreed:
        return _hold(HoldCode.BLANK_SOURCE, f"Blank in {source}, which never held a value; {target} keeps its own.")
    if not rules.clear_blanks:
        return _hold(HoldCode.BLANK_SOURCE, f"Cleared in {source}; clear_blanks is off, so {target} keeps its value.")
    if row.name == "contact.email" and rules.target.contact_needs_email:
        return _hold(HoldCode.NEEDS_EMAIL, f"Cleared in {source}, but {target} needs an e-mail for a contact.")
    if not rules.target.clears:
        return _hold(HoldCode.ROUTE_CANNOT, f"{route_to(rules)} cannot clear a value.{rules.target.remedy}")
    return None


def route_to(rules: Rules) -> str:
    """What a hold calls the way to the target, where the route itself says nothing else."""
    return rules.target.title or f"The route to {rules.direction.target.label}"


def _hold(code: HoldCode, reason: str) -> FieldVerdict:
    return FieldVerdict(code=code, reason=reason)


_DIGITS: Final = re.compile(r"[1-9][0-9]*")
_SCIENTIFIC: Final = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
_NOT_DIGIT: Final = re.compile(r"[^0-9]")


def damage(text: str, intact: str) -> str:
    """What is wrong with `text` if `intact` is the value it was; empty where it is no damaged copy of it.

    `793` is a damaged `0793`, `64275550108` a damaged `+64275550108`, `M?ori` a damaged
    `Māori`; any other difference is an edit.
    """
    if not text or not intact or text == intact:
        return ""
    if _SCIENTIFIC.fullmatch(text):
        return "a number rounded to scientific notation"
    if text.startswith("'") and text[1:] == intact:
        return "a leading apostrophe"
    if _DIGITS.fullmatch(text) and intact[:1] in "0+" and _NOT_DIGIT.sub("", intact).lstrip("0") == text:
        return "a number without its leading zeros or plus sign"
    if _lost_letters(text, intact):
        return "question marks in place of letters"
    return ""


def _lost_letters(text: str, intact: str) -> bool:
    """Whether a word of the text is a word of the other one with question marks for letters beyond ASCII."""
    if "?" not in text or intact.isascii():
        return False
    lost = [word for word in text.split() if "?" in word]
    whole = [word for word in intact.split() if not word.isascii()]
    return any(_is_lost(word, other) for word in lost for other in whole)


def _is_lost(word: str, intact: str) -> bool:
    if len(word) != len(intact):
        return False
    differing = [(mark, letter) for mark, letter in zip(word, intact, strict=True) if mark != letter]
    return bool(differing) and all(mark == "?" and not letter.isascii() for mark, letter in differing)

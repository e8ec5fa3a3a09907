"""Client names as practices write them, taken apart: core, legal form, trustee, other names, persons."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from xpmsync.core.match.legal_forms import Form, strip
from xpmsync.core.match.person_parse import PersonName, read_people
from xpmsync.core.match.text import fold, is_slip, tokens, word_set


class OtherKind(StrEnum):
    """What a second name inside a name is."""

    TRADING = "trading name"
    FORMER = "former name"
    TRUSTEE = "trustee"
    CONTACT = "contact"
    SOLE_CONTACT = "only contact"


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart. All texts are folded.

    `core` is what is left without legal form, fillers and numbers; `numbers`
    holds what distinguishes sister entities (`No 2`); `people` is filled where the core can
    be read as persons, and `form` is `PERSON` where it surely is one.
    """

    core: tuple[str, ...]
    form: Form
    people: tuple[PersonName, ...] = ()
    numbers: frozenset[str] = frozenset()
    others: tuple[Other, ...] = ()

    @property
    def compact(self) -> str:
        """The core without spaces: `Sun Flower` and `Sunflower` are one."""
        return "".join(self.core)

    @property
    def key(self) -> str:
        """One text for all spellings that we take for the same name, legal form apart."""
        if self.people:
            return "&".join(sorted(p.key for p in self.people))
        return " ".join((*sorted(self.core), *sorted(self.numbers)))


@dataclass(frozen=True, slots=True)
class Other:
    """A second name inside a name."""

    kind: OtherKind
    name: Name


_MARKERS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        OtherKind.TRADING,
        re.compile(
            r"\bt\s?/\s?as?\b|\btrad(?:ing|es)\s+(?:as|sa)\b|\bd\s?/\s?b\s?/\s?a\b|\bdba\b|\bdoing business as\b"
        ),
    ),
    (
        OtherKind.FORMER,
        re.compile(
            r"\b(?:formerly(?:\s+known\s+as)?|former(?:\s+name)?|previously(?:\s+known\s+as)?|prev|fka|f\s?/\s?k\s?/\s?a"
            r"|nee)\b[:.]?"
        ),
    ),
)
_TRUSTEE: Final = re.compile(
    r"\b(?:as\s+trustees?\s+(?:for|fro|of)|the\s+trustees?\s+(?:for|fro|of)|trustees?\s+(?:for|fro|of)|atf|a\s?/\s?t\s?/\s?f|a\.t\.f\.?"
    r"|ttee\s+for|aft|as\s+trustees?)\b(?:\s+the\b)?"
)
_ESTATE: Final = re.compile(
    r"^\s*(?:the\s+)?(?:est(?:ate)?\s+(?:of\s+)?(?:the\s+)?(?:late\s+)?|the\s+late\s+)(?=\w)"
    r"|\bdec(?:ease)?d\b|\bestate late\b"
)
_STATUS: Final = re.compile(
    r"\b(?:in\s+(?:voluntary\s+)?(?:liquidation|administration|receivership)|deregistered|dissolved|struck off|ceased"
    r"|do not use|duplicate|inactive|archived)\b"
)
_MARKER_WORDS: Final = word_set("trading trades trustee trustees formerly previously deceased estate liquidation")
_MARKS: Final = _MARKER_WORDS | word_set(
    """
    ( / as dba doing former prev fka nee atf ttee aft est estate late in dec decd ceased deregistered dissolved struck
    do duplicate inactive archived
    """
)
"""The words and signs without which a name has no marker; most names have none."""
_WORD_OR_SIGN: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*|[^\w\s]")
_BRACKETED: Final = re.compile(r"\(([^()]*)\)")
_DOTTED: Final = re.compile(r"\b(?:\w\.){2,}\w?\b\.?")
_DOTTED_MARKERS: Final = frozenset(["atf", "plc", "llp", "lp", "smsf", "inc", "fka", "nz", "uk", "usa", "cic", "dba"])
_NUMBER_WORDS: Final = frozenset(["no", "number", "num", "nr"])
_ROMAN: Final = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8"}
_SPELT: Final = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_SAME_WORD: Final[dict[str, str]] = {
    "aust": "australia", "aus": "australia", "au": "australia", "assoc": "associates", "assocs": "associates",
    "bros": "brothers", "bro": "brothers", "svcs": "services", "svc": "services", "serv": "services",
    "servs": "services", "service": "services", "mgmt": "management", "mgt": "management", "mngt": "management",
    "intl": "international", "int": "international", "inv": "investments", "invest": "investments",
    "invs": "investments", "investment": "investments", "hldgs": "holdings", "hldg": "holdings",
    "holding": "holdings", "ent": "enterprises", "ents": "enterprises", "enterprise": "enterprises",
    "constr": "constructions", "construction": "constructions", "const": "constructions", "eng": "engineering",
    "engr": "engineering", "elec": "electrical", "tech": "technology", "dev": "developments", "devt": "developments",
    "development": "developments", "devs": "developments", "prop": "property", "props": "property",
    "properties": "property", "mfg": "manufacturing", "mfr": "manufacturing", "grp": "group", "gp": "group",
    "consult": "consulting", "acctg": "accounting", "acct": "accounting", "dept": "department", "natl": "national",
    "ind": "industries", "inds": "industries", "ctr": "centre", "center": "centre", "transp": "transport",
    "trpt": "transport", "co": "company", "n z": "nz", "st": "saint", "mt": "mount",
}  # fmt: skip
_FILLERS: Final = frozenset(["the", "&", ",", "(", ")", "company", "of"])
_COUNTRIES: Final = {("new", "zealand"): "nz", ("united", "kingdom"): "uk"}


def read_name(text: str, given_names: Collection[str] = ()) -> Name:
    """Take a client's name apart; any text gives a name, an empty text an empty one.

    `given_names` are those of the client's contacts, folded.
    """
    folded = fold(text)
    if "." in folded:
        folded = _undot(folded)
    words = [_marker_word(word) for word in _WORD_OR_SIGN.findall(folded)]
    if _MARKS.isdisjoint(words):
        return _plain(folded, given_names)
    folded = _STATUS.sub(" ", " ".join(words))
    others: list[Other] = []
    estate = False

    def bracketed(found: re.Match[str]) -> str:
        content = found[1].strip()
        for kind, marker in _MARKERS:
            marked = marker.match(content)
            if marked:
                others.append(Other(OtherKind(kind), _plain(content[marked.end() :], given_names)))
                return " "
        return f" {content} "

    folded = _BRACKETED.sub(bracketed, folded)
    for kind, marker in _MARKERS:
        before, found, after = _cut(marker, folded)
        if found and before.strip():
            others.append(Other(OtherKind(kind), _plain(after, given_names)))
            folded = before
    stripped = _ESTATE.sub(" ", folded)
    if stripped != folded and stripped.strip():
        estate, folded = True, stripped
    before, found, after = _cut(_TRUSTEE, folded)
    if after.strip():
        if before.strip():
            others.append(Other(OtherKind.TRUSTEE, _plain(before, given_names)))
        return _finish(_plain(after, given_names), Form.TRUST, others)
    if found and before.strip():
        trustee = _plain(before, given_names)
        if trustee.form in _TRUSTS:
            return _finish(trustee, Form.TRUST, others)
        others.append(Other(OtherKind.TRUSTEE, trustee))
        return Name(trustee.core, Form.TRUST, trustee.people, trustee.numbers, tuple(others))
    plain = _plain(folded, given_names)
    if estate:
        return Name(plain.core, Form.ESTATE, plain.people, plain.numbers, tuple(others))
    return _finish(plain, Form.UNSTATED, others)


@lru_cache(maxsize=16384)
def _marker_word(word: str) -> str:
    """Read `tradign as` as `trading as`: the marker words are recognised with a slip, as names are."""
    if len(word) < 6:
        return word
    near = (m for m in _MARKER_WORDS if word[0] == m[0] and abs(len(word) - len(m)) <= 1 and is_slip(word, m))
    marker = word if word in _MARKER_WORDS else min(near, default=word)
    return word if marker == "estate" and sorted(word) != sorted(marker) else marker  # `estates` is a word of trade


def _finish(plain: Name, form: Form, others: list[Other]) -> Name:
    others = [_with_given(plain, o) for o in others]
    stated = form if form is not Form.UNSTATED and plain.form in (Form.UNSTATED, Form.PERSON) else plain.form
    return Name(plain.core, stated, plain.people, plain.numbers, tuple(o for o in others if o.name.core))


def _with_given(name: Name, other: Other) -> Other:
    """Read `Jane Jones (nee Smith)`: the former name is Jane Smith."""
    if other.kind is not OtherKind.FORMER or len(name.people) != 1 or len(other.name.core) != 1:
        return other
    (person,), (surname,) = name.people, other.name.core
    return Other(other.kind, Name((*person.given, surname), Form.PERSON, (PersonName(person.given, surname),)))


def _undot(folded: str) -> str:
    """Read `a.t.f.` as `atf`, `J.A.` as `j a`, `Pty.` as `pty`."""

    def joined(found: re.Match[str]) -> str:
        letters = found[0].replace(".", "")
        return letters if letters in _DOTTED_MARKERS else " ".join(letters)

    return _DOTTED.sub(joined, folded).replace(".", " ")


def _cut(pattern: re.Pattern[str], text: str) -> tuple[str, bool, str]:
    found = pattern.search(text)
    return (text[: found.start()], True, text[found.end() :]) if found else (text, False, "")


def _plain(folded: str, given_names: Collection[str]) -> Name:
    """Read a name without markers."""
    words = ["&" if w == "and" else w for w in tokens(folded) if w not in "()"]
    while words and words[0] in ("the", "&", ","):
        words = words[1:]
    while words and words[-1] in ("&", ","):
        words = words[:-1]
    numbers: set[str] = set()
    words = _take_number(words, numbers)
    words, form = strip(words)
    while words and words[-1] in ("&", ","):
        words = words[:-1]
    words = _take_number(words, numbers)
    people, confident = read_people(words, given_names) if form in _CAN_BE_PEOPLE else ((), False)
    if form is Form.PARTNERSHIP and len(people) == 1 and not any(len(given) == 1 for given in people[0].given):
        people = ()  # `Murray Davies Partnership`: two surnames
    if not confident and form is Form.UNSTATED and len(words) - words.count("&") > 3:
        people = ()
    if confident and form is Form.UNSTATED:
        form = Form.PERSON
    return Name(_core(words), form, people, frozenset(numbers))


_TRUSTS: Final = frozenset([Form.TRUST, Form.FAMILY_TRUST, Form.UNIT_TRUST, Form.TESTAMENTARY_TRUST, Form.FUND])
_CAN_BE_PEOPLE: Final = frozenset([Form.UNSTATED, Form.PERSON, Form.PARTNERSHIP, Form.ESTATE])


def _take_number(words: list[str], numbers: set[str]) -> list[str]:
    """Take `No 2`, `#2`, `2`, `II` off the end; a name that is only a number keeps it."""
    if len(words) < 2:
        return words
    last = words[-1]
    number = last if last.isdecimal() else _ROMAN.get(last)
    after_no = words[-2] in _NUMBER_WORDS
    if number is None and after_no:
        number = _SPELT.get(last, last)
    if number is None or len(words) - 1 - after_no < 1:
        return words
    numbers.add(number.lstrip("0") or "0")
    return words[: -2 if after_no else -1]


def _core(words: list[str]) -> tuple[str, ...]:
    """One spelling of each word, fillers out, lone letters joined (`J S P` is `jsp`)."""
    core: list[str] = []
    letters = ""
    for i, word in enumerate(words):
        if len(word) == 1 and word.isalpha():
            letters += word
            continue
        if letters and word != "&":
            core.append(letters)
            letters = ""
        country = _COUNTRIES.get((words[i - 1], word)) if i else None
        if country:
            core[-1] = country
            continue
        core += word.split("-")
    if letters:
        core.append(letters)
    kept = [_SAME_WORD.get(w, w) for w in core]
    meaningful = [w for w in kept if w not in _FILLERS]
    return tuple(meaningful or kept)

"""Legal forms: how practices write them, and which can be one and the same.

The table is ours, line by line; `tests/core/match/test_match_names.py` reads each of them.
"""

from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from xpmsync.core.match.text import edit_distance, fold, tokens, word_set


class Form(StrEnum):
    """What kind of client this is; the value is the word for people."""

    UNSTATED = "not stated"
    PERSON = "person"
    PARTNERSHIP = "partnership"
    COMPANY = "company"
    PLC = "public limited company"
    LLP = "limited liability partnership"
    LP = "limited partnership"
    TRUST = "trust"
    FAMILY_TRUST = "family trust"
    UNIT_TRUST = "unit trust"
    TESTAMENTARY_TRUST = "testamentary trust"
    FUND = "superannuation fund"
    ESTATE = "estate"
    ASSOCIATION = "association"
    CIC = "community interest company"


ENDINGS: Final[dict[str, Form]] = {
    # Companies. "Pty Ltd" and "Ltd" are one form here: people leave the Pty out.
    "pty ltd": Form.COMPANY,
    "pty limited": Form.COMPANY,
    "pty": Form.COMPANY,
    "p l": Form.COMPANY,
    "proprietary limited": Form.COMPANY,
    "proprietary ltd": Form.COMPANY,
    "propriety limited": Form.COMPANY,
    "propriety ltd": Form.COMPANY,
    "private limited": Form.COMPANY,
    "ltd": Form.COMPANY,
    "limited": Form.COMPANY,
    "tapui limited": Form.COMPANY,
    "co ltd": Form.COMPANY,
    "company limited": Form.COMPANY,
    "no liability": Form.COMPANY,
    "ltc": Form.COMPANY,
    "look through company": Form.COMPANY,
    "plc": Form.PLC,
    "public limited company": Form.PLC,
    "cic": Form.CIC,
    "community interest company": Form.CIC,
    # Partnerships.
    "llp": Form.LLP,
    "limited liability partnership": Form.LLP,
    "lp": Form.LP,
    "limited partnership": Form.LP,
    "partnership": Form.PARTNERSHIP,
    "p ship": Form.PARTNERSHIP,
    "pship": Form.PARTNERSHIP,
    # Trusts. A family trust is nearly always a discretionary one, so they are one form.
    "family trust": Form.FAMILY_TRUST,
    "discretionary trust": Form.FAMILY_TRUST,
    "family discretionary trust": Form.FAMILY_TRUST,
    "discretionary family trust": Form.FAMILY_TRUST,
    "family tr": Form.FAMILY_TRUST,
    "fam trust": Form.FAMILY_TRUST,
    "fam tst": Form.FAMILY_TRUST,
    "family tst": Form.FAMILY_TRUST,
    "disc trust": Form.FAMILY_TRUST,
    "whanau trust": Form.FAMILY_TRUST,
    "unit trust": Form.UNIT_TRUST,
    "fixed unit trust": Form.UNIT_TRUST,
    "hybrid unit trust": Form.UNIT_TRUST,
    "testamentary trust": Form.TESTAMENTARY_TRUST,
    "will trust": Form.TESTAMENTARY_TRUST,
    "hybrid trust": Form.TRUST,
    "bare trust": Form.TRUST,
    "trust": Form.TRUST,
    "tst": Form.TRUST,
    # Superannuation and pension funds.
    "super fund": Form.FUND,
    "superfund": Form.FUND,
    "superannuation fund": Form.FUND,
    "superannuation": Form.FUND,
    "super": Form.FUND,
    "smsf": Form.FUND,
    "self managed super fund": Form.FUND,
    "self managed superannuation fund": Form.FUND,
    "self-managed super fund": Form.FUND,
    "self-managed superannuation fund": Form.FUND,
    "super annuation fund": Form.FUND,
    "s f": Form.FUND,
    "sf": Form.FUND,
    "family super fund": Form.FUND,
    "family superannuation fund": Form.FUND,
    "family super": Form.FUND,
    "family smsf": Form.FUND,
    "retirement fund": Form.FUND,
    "retirement benefits fund": Form.FUND,
    "retirement benefit fund": Form.FUND,
    "pension fund": Form.FUND,
    "pension scheme": Form.FUND,
    "ssas": Form.FUND,
    # Estates.
    "estate": Form.ESTATE,
    "deceased": Form.ESTATE,
    "deceased estate": Form.ESTATE,
    "decd": Form.ESTATE,
    # Associations and charities.
    "inc": Form.ASSOCIATION,
    "incorporated": Form.ASSOCIATION,
    "incorporated society": Form.ASSOCIATION,
}
"""How a name ends (folded, dots out) and the legal form that it states."""

_STRUCTURES: Final[dict[str, Form]] = {
    "individual": Form.PERSON,
    "person": Form.PERSON,
    "personal": Form.PERSON,
    "sole trader": Form.PERSON,
    "sole proprietor": Form.PERSON,
    "self employed": Form.PERSON,
    "self-employed": Form.PERSON,
    "company": Form.COMPANY,
    "private company": Form.COMPANY,
    "proprietary company": Form.COMPANY,
    "limited company": Form.COMPANY,
    "public company": Form.PLC,
    "smsf": Form.FUND,
    "fund": Form.FUND,
    "deceased estate": Form.ESTATE,
    "association": Form.ASSOCIATION,
    "club": Form.ASSOCIATION,
    "society": Form.ASSOCIATION,
    "charity": Form.ASSOCIATION,
    "not for profit": Form.ASSOCIATION,
    "non profit": Form.ASSOCIATION,
}

_COMPATIBLE: Final[tuple[frozenset[Form], ...]] = (
    frozenset({Form.TRUST, Form.FAMILY_TRUST}),
    frozenset({Form.TRUST, Form.UNIT_TRUST}),
    frozenset({Form.TRUST, Form.TESTAMENTARY_TRUST}),
    frozenset({Form.COMPANY, Form.CIC}),
)
_LONGEST: Final = max(len(ending.split()) for ending in ENDINGS)
_WORDS: Final = word_set(
    "family discretionary trust unit testamentary superannuation super fund pension retirement limited proprietary"
    " private partnership estate deceased incorporated pty ltd"
)
"""The legal words that are recognised with a slip; the other ones are too like ordinary words."""
_SHORTEST_COMPACT: Final = 6
_COMPACT: Final = {
    compact: form for ending, form in ENDINGS.items() if len(compact := ending.replace(" ", "")) >= _SHORTEST_COMPACT
}
_BY_LAST_LETTERS: Final = {
    letters: tuple(sorted((compact for compact in _COMPACT if compact.endswith(letters)), key=len, reverse=True))
    for letters in {compact[-_SHORTEST_COMPACT:] for compact in _COMPACT}
}
"""The compact endings by how they end, longest first: a name that ends otherwise, as most do, has none of them."""
_LONG_ENDING: Final = 9
"""Letters from which on an ending is recognised inside a word: `AdeyemiFamily Trust`, but not `Unlimited`."""
_LONG_SLIP: Final = 6
_VERY_LONG_WORD: Final = 10
_LONG_WORD: Final = 7
"""Letters from which on a mistyped legal word is recognised alone: `Limted`, but not `Truss`."""


def strip(words: list[str]) -> tuple[list[str], Form]:
    """Take the legal form off the end of a name's words; the longest ending wins.

    Slips in the legal words and blanks at the wrong place are forgiven. A name
    that is nothing but a form keeps its words.
    """
    exact = _exact(words)
    for read in (_mistyped, _respaced):
        forgiving = read(words, exact[1])
        if forgiving is not None:
            return forgiving
    return exact


def _exact(words: list[str]) -> tuple[list[str], Form]:
    for length in range(min(_LONGEST, len(words) - 1), 0, -1):
        form = ENDINGS.get(" ".join(words[-length:]))
        if form is not None:
            return words[:-length], form
    return words, Form.UNSTATED


def _mistyped(words: list[str], exact: Form) -> tuple[list[str], Form] | None:
    """Read `Famliy Trust` and `Pty Lt`: one word has a slip, and the rest of the ending is right."""
    for place, word in enumerate(words):
        slip = legal_word(word)
        if slip is None or (exact is not Form.UNSTATED and not slip.plain):
            continue
        rest, form = _exact([*words[:place], slip.meant, *words[place + 1 :]])
        recognised = len(words) - len(rest) > 1 or len(slip.meant) >= _LONG_WORD or _swapped(word, slip.meant)
        if len(rest) <= place and recognised:
            return rest, form
    return None


class Slip(NamedTuple):
    """The legal word that was meant, and whether what is written can hardly be a word of its own."""

    meant: str
    plain: bool


@lru_cache(maxsize=8192)
def legal_word(word: str) -> Slip | None:
    """The legal word that another word is a slip of.

    A short word (`Unity`, `Pay`) may well be one of the name's own, unless only its letters were swapped, doubled or
    left out.
    """
    if not word.isalpha():
        return None
    for legal in sorted(_WORDS):
        same_start = word[0] == legal[0]
        if not same_start and len(word) != len(legal):
            continue
        slips = edit_distance(word, legal)
        if slips == 1 and (same_start or _swapped(word, legal)):
            doubled = len(word) > len(legal) and any(a == b for a, b in pairwise(word))
            plain = len(legal) >= _LONG_SLIP or len(word) < len(legal) or doubled or _swapped(word, legal)
            return Slip(legal, plain)
        if slips == 2 and same_start and len(legal) >= _VERY_LONG_WORD:
            return Slip(legal, plain=True)
    return None


def _swapped(word: str, legal: str) -> bool:
    return len(word) >= 4 and sorted(word) == sorted(legal)


def _respaced(words: list[str], exact: Form) -> tuple[list[str], Form] | None:
    """Read `Adeyemi FamilyTrust` and `BrownF amily Trust`."""
    compact = "".join(words)
    for ending in _BY_LAST_LETTERS.get(compact[-_SHORTEST_COMPACT:], ()):
        if ending == compact or not compact.endswith(ending):
            continue
        rest: list[str] = []
        letters = len(compact) - len(ending)
        for word in words:
            rest += [word[:letters]] if letters > 0 else []
            letters -= len(word)
        whole_words = "".join(rest) == "".join(words[: len(rest)])
        cut_well = len(ending) >= _LONG_ENDING and len(rest[-1]) >= 3
        return (rest, _COMPACT[ending]) if whole_words or cut_well else None
    return None


@lru_cache(maxsize=1024)
def of_structure(text: str) -> Form:
    """Read a business structure field, which each practice words for itself."""
    words = tokens(fold(text).replace("(", " ").replace(")", " ").replace(".", " "))
    whole = " ".join(words)
    known = _STRUCTURES.get(whole) or ENDINGS.get(whole)
    return known or strip(["", *words])[1]


def at_odds(a: Form, b: Form) -> bool:
    """Say whether two stated forms cannot be one client; an unstated form is at odds with none."""
    if a is b or Form.UNSTATED in (a, b):
        return False
    return not any(a in both and b in both for both in _COMPATIBLE)

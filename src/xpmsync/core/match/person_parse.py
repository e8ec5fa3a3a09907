"""Persons inside names: `Smith, John A`, `J & M Smith`, `Mr & Mrs Smith`, `Ann van der Berg`.

A name is read as persons when it can be; whether it *is* one, `confident` says.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Final

from xpmsync.core.match.nicknames import formal, is_given_name
from xpmsync.core.match.text import edit_distance, word_set


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person as a name gives it, folded; `given` may hold initials, nothing, or several names."""

    given: tuple[str, ...]
    surname: str
    suffix: str = ""

    @property
    def key(self) -> str:
        """One text for all spellings of the same given name and surname."""
        return f"{self.surname}|{formal(self.given[0]) if self.given else ''}"


BUSINESS_WORDS: Final = word_set(
    """
    accountants accounting advisers advisors advisory agencies agency agriculture air aluminium and apartments
    architects architecture art arts assets assoc associates australia australian auto automotive bakery bar barbers
    bathrooms beauty bookkeeping boutique brewing brothers bros build builders building bus business cabinets cafe
    capital care carpentry catering centre chemist childcare church civil clean cleaners cleaning clinic clothing club
    co coffee college commercial communications community company computer computers concepts concrete concreting
    constructions construction consultancy consultants consulting contracting contractors corporation council couriers
    creative custom dairy dance dental design designs developments development digital distribution distributors earth
    earthmoving education electrical electronics energy engineering enterprise enterprises entertainment environmental
    equipment equities estate events excavations exports express fabrication farm farms fencing film finance financial
    fisheries fitness flooring florist food foods forestry foundation freight fruit funds furniture gallery garage
    garden gardens gas glass global grazing green group gym hair haulage health healthcare heating hire holding
    holdings home homes horticulture hospitality hotel house housing imports industrial industries innovations
    installations insurance interiors international invest investment investments it jewellers joinery kitchens labour
    land landscapes landscaping law lawyers leasing legal limousines logistics machinery maintenance management
    manufacturing marine marketing masonry massage meats media medical metal mechanical mining mobile mortgage motors
    music national new nominees nursery office operations optical orchards organics outdoor packaging painters painting
    partners pastoral paving pest pharmacy photography physio physiotherapy plant plastering plastics plumbers
    plumbing pools power practice precision press print printing produce productions products professional project
    projects properties property psychology publishing real realty recruitment recycling refrigeration removals
    renovations rentals repairs research resources restaurant restorations retail roofing rural safety sales salon
    school security service services shop signs smash society software solar solicitors solutions sports station steel
    stone storage store stores strategies studio studios supplies supply surgery surveying surveyors systems
    technologies technology textiles timber tiling tools tours towing toys trade traders trades trading training
    transport travel tree trees trucking trust tyres vending ventures vet veterinary video village vineyard
    vineyards warehouse waste water web welding wellness wholesale wholesalers windows wine wines winery wood workshop
    works zealand
    """
)
"""Words that no person's name holds: with one of them, it is a firm's name."""

_SURNAMES_TOO: Final = word_set("church glass green house land law power steel stone wood")
"""Those that are surnames as well: `Harriet Green` can be a person; `Smith & Green` and `Green Energy` are firms."""

_TITLES: Final = word_set("mr mrs ms miss mx master dr prof professor rev reverend sir dame lady lord hon")
_MISTYPED_TITLES: Final = ("miss", "mrs", "prof", "professor", "reverend", "master")
_SUFFIXES: Final = {
    "jr": "jr", "jnr": "jr", "junior": "jr", "sr": "sr", "snr": "sr", "senior": "sr",
    "ii": "ii", "iii": "iii", "iv": "iv",
}  # fmt: skip
_AFTER_NAME: Final = word_set("cpa fcpa fca phd obe mbe am ao oam kc qc esq jp")
_PARTICLES: Final = word_set("van von de der den del della di da dos du la le el al bin ibn mac mc o st ter ten te")
_SHORT_SURNAMES: Final = word_set("do ha ho hu ko le li lu ly ma ng oh su to vo wu xu ye yu")
_SHORT_NAMES: Final = _SHORT_SURNAMES | word_set("al bo cy di ed em jo ky mo si ty vi xi yi bi")
"""Words of two letters that are names rather than two initials."""


_People = tuple[tuple[PersonName, ...], bool]
"""Persons, and whether the words give away that they are persons."""

_NOBODY: Final[_People] = ((), False)


def read_people(words: Sequence[str], given_names: Collection[str] = ()) -> _People:
    """Read folded tokens (with `&` and `,`) as persons.

    `given_names` are those of the client's contacts, which no table need know.
    Returns the persons, none when it cannot be persons, and whether we are
    confident that it is: a title, a comma, an initial or a known given name.
    """
    if not all(w.replace("-", "").isalpha() for w in words if w not in "&,"):
        return _NOBODY
    words = [_title(w) if i == 0 or words[i - 1] in "&," else w for i, w in enumerate(words)]
    titled = any(w in _TITLES for w in words)
    business = [w for w in words if w in BUSINESS_WORDS]
    may_be_surname = len(business) == 1 and _SURNAMES_TOO.issuperset(business)
    if business and not (may_be_surname and (titled or _is_given(words[0], given_names) or "," in words)):
        return _NOBODY
    untitled = [w for w in words if w not in _TITLES and w not in _AFTER_NAME]
    suffix = next((_SUFFIXES[w] for w in untitled[1:] if w in _SUFFIXES), "")
    names = _join_particles([w for i, w in enumerate(untitled) if i == 0 or w not in _SUFFIXES])
    for grammar in (_comma, _titled_couple, _surname_and_initials, _given_names_and_surname):
        people, confident = grammar(names, titled, given_names)
        if people:
            confident = confident and (not business or titled or "," in words)
            return tuple(replace(p, suffix=suffix) for p in people) if suffix else people, confident
    return _NOBODY


@lru_cache(maxsize=8192)
def _title(word: str) -> str:
    """Read `Msr` and `Misss` as titles: letters swapped or doubled, or any slip in a long one."""
    for title in _MISTYPED_TITLES:
        same_letters = set(word) == set(title) or len(title) > _LONG_TITLE
        if same_letters and word[0] == title[0] and edit_distance(word, title) == 1:
            return title
    return word


_LONG_TITLE: Final = 7


def _split(words: Sequence[str], at: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == at:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _join_particles(words: list[str]) -> list[str]:
    """Make one surname of `van der Berg` and `Mc Donald`; a particle that ends the name stays a word."""
    joined: list[str] = []
    prefix = ""
    for i, word in enumerate(words):
        more_follows = i + 1 < len(words) and words[i + 1] not in "&,"
        starts_person = not joined or joined[-1] in "&,"
        if (
            word in _PARTICLES
            and more_follows
            and (prefix or not starts_person or len(word) > 1)
            and not (starts_person and is_given_name(word))
        ):
            prefix += word
        else:
            joined.append(prefix + word)
            prefix = ""
    return joined


def _comma(words: Sequence[str], titled: bool, given_names: Collection[str]) -> _People:
    """Read `Smith, John & Mary`. Firms are written so too (`Smith, Brown & Green`), but not with given names."""
    if words.count(",") != 1:
        return _NOBODY
    surnames, others = _split(words, ",")
    if not 1 <= len(surnames) <= 2 or "&" in surnames:
        return _NOBODY
    parts = _split(others, "&")
    if len(parts) > 3 or any(not 1 <= len(part) <= 3 for part in parts):
        return _NOBODY
    if len(parts) > 1 and not any(_is_given(p[0], given_names) for p in parts):
        return _NOBODY
    surname = "".join(surnames).replace("-", "")
    return tuple(PersonName(_given(part), surname) for part in parts), True


def _titled_couple(words: Sequence[str], titled: bool, given_names: Collection[str]) -> _People:
    """Read `Mr & Mrs J Smith`: the other one has no given name."""
    if not titled or words[:1] != ["&"]:
        return _NOBODY
    people = _surname_and_initials(words, titled, given_names)[0]
    people = people or _given_names_and_surname(words, titled, given_names)[0]
    return ((*people, PersonName((), people[0].surname)), True) if people else _NOBODY


def _surname_and_initials(words: Sequence[str], titled: bool, given_names: Collection[str]) -> _People:
    """Read `Smith J & M`."""
    parts = _couple(words)
    if not parts or len(parts[0]) < 2 or _is_given(parts[0][0], given_names):
        return _NOBODY
    surname, *first = parts[0]
    if not all(_is_initials(word) for word in chain(first, *parts[1:])):
        return _NOBODY
    return tuple(PersonName(_given(given), surname.replace("-", "")) for given in (first, *parts[1:])), True


def _given_names_and_surname(words: Sequence[str], titled: bool, given_names: Collection[str]) -> _People:
    """Read `John & Mary Smith`, `J & M Smith`, `John Smith & Mary Jones`."""
    parts = _couple(words)
    if not parts or (len(parts[-1]) < 2 and not titled):
        return _NOBODY
    surname = parts[-1][-1]
    people: list[PersonName] = []
    for part in parts:
        own = part[-1] == surname or (len(part) > 1 and not _is_initials(part[-1]) and not is_given_name(part[-1]))
        given = part[:-1] if own else part
        people.append(PersonName(_given(given), (part[-1] if own else surname).replace("-", "")))
    return tuple(people), titled or all(p.given and _is_given(p.given[0], given_names) for p in people)


def _couple(words: Sequence[str]) -> list[list[str]]:
    """The words of each person, parted by `&`; empty when there are too many for persons' names."""
    parts = [part for part in _split(words, "&") if part]
    return parts if "," not in words and len(parts) <= 3 and all(len(part) <= 4 for part in parts) else []


def _is_initials(word: str) -> bool:
    return len(word) <= 2 and word not in _SHORT_NAMES


def _is_given(word: str, given_names: Collection[str]) -> bool:
    if word in given_names:
        return True
    if len(word) <= 2:
        return word not in _SHORT_SURNAMES
    return is_given_name(word.split("-")[0])


def _given(words: Sequence[str]) -> tuple[str, ...]:
    """Given names one by one; `JA` is two initials, `Mary-Ann` two names."""
    return tuple(name for word in words for name in (word if _is_initials(word) else word.split("-")))

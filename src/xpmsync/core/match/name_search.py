"""Finding a client by what somebody typed, folded as the matcher folds names.

Case, accents, macrons, apostrophes, double blanks, `&` and `and`, word order and the
spelling of a legal form do not count. A part of a word is enough.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from xpmsync.core.match.legal_forms import Form, at_odds, strip
from xpmsync.core.match.text import fold, is_slip, tokens
from xpmsync.core.model import Client

_NO_WORDS: Final = frozenset({"&", "and", ",", "(", ")"})
_SHORT: Final = {"limited": "ltd", "proprietary": "pty", "incorporated": "inc", "company": "co", "corporation": "corp"}
"""Words of legal forms that are written in two ways, wherever they are in a name."""
_FEWEST_DIGITS: Final = 4
"""Fewer digits are in too many telephone numbers to find a client by."""


@dataclass(frozen=True, slots=True)
class NameQuery:
    """A typed text: its words without the legal form, the form, and its digits where it holds no letter.

    `letters` are those of the words that a name has letter by letter: the others may be
    a part of a legal form that it spells out.
    """

    text: str
    words: tuple[str, ...]
    form: Form
    ending: tuple[str, ...]
    digits: str
    letters: tuple[str, ...]


def read_query(text: str) -> NameQuery:
    """Read what was typed; `words` is empty where it holds neither letters nor digits."""
    words = _words(text)
    core, form = strip(words)
    digits = "" if any(letter.isalpha() for letter in text) else re.sub(r"\D", "", text).lstrip("0")
    letters = tuple(word for word in core if not any(word in short for short in _SHORT.values()))
    return NameQuery(fold(text).strip(), tuple(core), form, tuple(words[len(core) :]), digits, letters)


def fits_name(query: NameQuery, name: str) -> bool:
    """Whether every word of the query is a part of a word of the name, and the legal forms do not contradict."""
    return bool(query.words) and _fits(query, name, _words(name))


def fits_client(query: NameQuery, client: Client) -> bool:
    """Whether a client fits by its name, a contact's name, an e-mail, a telephone number or its number."""
    if not query.text:
        return False
    texts = [client.number, client.email, *(contact.email for contact in client.contacts)]
    if query.text in fold("\n".join(texts)):
        return True
    if len(query.digits) >= _FEWEST_DIGITS and any(
        query.digits in re.sub(r"\D", "", phone) for phone in _phones(client)
    ):
        return True
    names = _plain("\n".join([client.name, *(contact.name for contact in client.contacts)]))
    # Most clients have not even the letters of a word, which costs less to see than to read their names.
    if not query.words or not all(word in names for word in query.letters):
        return False
    return _fits(query, client.name, _words_of(names))


def same_words(first: str, second: str) -> bool:
    """Whether two names have the same words in the same order and legal forms of one meaning."""
    one, other = read_query(first), read_query(second)
    return bool(one.words) and one.words == other.words and not at_odds(one.form, other.form)


def fragments(query: NameQuery) -> Sequence[str]:
    """Shorter texts to ask a system for that does not fold: words, then pieces of the longest without its accents."""
    words = sorted(query.words, key=len, reverse=True)[:2]
    pieces = [piece for word in words[:1] for piece in (word[:3], word[-4:]) if len(word) > 4]
    return list(dict.fromkeys(text for text in (*words, *pieces) if len(text) > 2 and text != query.text))


def nearest_names(text: str, names: Iterable[str], most: int = 3) -> Sequence[str]:
    """The names that are most like a text that fits none: a mistyped word, else the whole name's likeness."""
    query = read_query(text)
    folded = {name: _words(name) for name in dict.fromkeys(names)}
    slips = [
        name
        for name, words in folded.items()
        if query.words and all(any(word in other or is_slip(word, other) for other in words) for word in query.words)
    ]
    if slips:
        return slips[:most]
    whole = {" ".join(words): name for name, words in folded.items()}
    close = difflib.get_close_matches(" ".join((*query.words, *query.ending)), whole, n=most)
    return [whole[words] for words in close]


def _fits(query: NameQuery, name: str, words: Sequence[str]) -> bool:
    if not all(any(word in other for other in words) for word in query.words):
        return False
    stated = strip(_words(name))[1]
    return not at_odds(query.form, stated) or set(query.ending) <= set(words)


def _words(text: str) -> list[str]:
    return _words_of(_plain(text))


def _plain(text: str) -> str:
    return fold(text).replace(".", "").replace("-", " ")


def _words_of(plain: str) -> list[str]:
    return [_SHORT.get(word, word) for word in tokens(plain) if word not in _NO_WORDS]


def _phones(client: Client) -> Iterable[str]:
    yield client.values.get("phone", "")
    for contact in client.contacts:
        yield contact.values.get("contact.phone", "")
        yield contact.values.get("contact.mobile", "")

"""The duplicate check before one client is imported: which clients of the other system can be this one.

A person looks at the answer, so the bar is lower than for bulk matching, and at most three are shown.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import chain
from math import log2
from typing import Final

from xpmsync.core.enums import ClientState, System
from xpmsync.core.match.frequencies import Context, Value
from xpmsync.core.match.legal_forms import Form
from xpmsync.core.match.record import FREE_MAIL, MatchRecord, is_role, phone_tail, read_record
from xpmsync.core.match.score import in_words, score
from xpmsync.core.match.verdict import Cap, Note, Scored, Verdict, agreements, leads
from xpmsync.core.match.weights import HOUSEHOLD, RELATIVES, UNSURE, EvidenceGroup, Rule
from xpmsync.core.model import Client

_MOST: Final = 3
"""Candidates and relatives shown for one client."""
_LEAST: Final = 2.0
"""From here on a client of the same household is a candidate: the given name and the address, another surname."""
_LEAST_OF_THE_ADDRESS: Final = -9.0
"""From here on a client is a candidate of whom only name and address are known: the same street, another name."""
_READ: Final = 150
"""Clients of the pool that are read and weighed; the true one's letters are nearly always among the nearest ten."""

_OTHER_CLIENT: Final = RELATIVES | {Rule.NAME_PART, Rule.NAME_OTHER, Rule.NAME_NUMBER, Rule.IDENTIFIER_OTHER}
_SAME_NUMBER: Final = frozenset([Rule.IDENTIFIER_SAME, Rule.XPM_ID_SAME])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A client of the pool that can be the one that is imported."""

    client: Client
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Counterparts:
    """The candidates, best first, and the clients that are merely other members of the same family."""

    candidates: tuple[Candidate, ...]
    relatives: tuple[Client, ...]


def find_counterparts(client: Client, pool: Iterable[Client]) -> Counterparts:
    """Weigh a client against a pool of the other system's, by the same evidence as `match`."""
    record = read_record(client)
    clients = [c for c in pool if c.state is not ClientState.DELETED]
    nearest = _Nearest(record, clients)
    records = [read_record(c) for c in nearest.clients]
    context = Context([record], records, everybody=nearest.frequencies(records))
    scored = [(score(*_in_order(record, other), context), n) for n, other in enumerate(records)]
    ranked = sorted(scored, key=lambda s: (-s[0].points, s[1]))
    likely = [s for s in ranked if _is_candidate(s[0])] or [
        s for s in ranked if _is_firm_renamed(s[0], record) or _may_be_renamed(s[0], record, records[s[1]])
    ]
    relatives = [s for s in ranked if s not in likely and _is_relative(s[0]) and agreements(s[0].pieces) & HOUSEHOLD]
    candidates: list[Candidate] = []
    for found, n in likely[:_MOST]:
        clear = leads(found.points, (other.points for other, m in likely if m != n))
        caps = [] if clear else [Cap.RUNNER_UP]
        if _is_relative(found):
            notes = [Note.FIRM_RENAMED if _is_firm_renamed(found, record) else Note.RENAMED]
        else:
            notes = [] if found.points >= UNSURE else [Note.WEAK]
        verdict = in_words(found, *_in_order(record, records[n]), caps, notes)
        candidates.append(Candidate(records[n].client, verdict))
    return Counterparts(tuple(candidates), tuple(records[n].client for _, n in relatives[:_MOST]))


def _in_order(a: MatchRecord, b: MatchRecord) -> tuple[MatchRecord, MatchRecord]:
    """The XPM record first, as evidence is weighed."""
    return (b, a) if b.system is System.XPM and a.system is not System.XPM else (a, b)


def _is_relative(scored: Scored) -> bool:
    """Whether the two are two members of one family or group: another person, entity or number."""
    rules = {piece.rule for piece in scored.pieces}
    return not rules & _SAME_NUMBER and bool(rules & _OTHER_CLIENT or Cap.FORM in scored.caps)


def _is_candidate(scored: Scored) -> bool:
    if _is_relative(scored):
        return False
    return scored.points >= UNSURE or (scored.points >= _LEAST and bool(agreements(scored.pieces) & HOUSEHOLD))


def _is_firm_renamed(scored: Scored, record: MatchRecord) -> bool:
    """Whether only the name of a firm differs: its form, mailbox and something else are the same."""
    rules, agreed = {piece.rule for piece in scored.pieces}, agreements(scored.pieces)
    firm = record.form is not Form.PERSON and {Rule.NAME_OTHER, Rule.FORM_SAME} <= rules
    return firm and EvidenceGroup.EMAIL in agreed and len(agreed) > 1 and not scored.caps


def _may_be_renamed(scored: Scored, a: MatchRecord, b: MatchRecord) -> bool:
    """Whether only names and addresses are known, and the addresses agree: a changed name cannot be ruled out."""
    return (
        scored.points >= _LEAST_OF_THE_ADDRESS
        and EvidenceGroup.ADDRESS in agreements(scored.pieces)
        and not scored.caps - {Cap.HOUSEHOLD}
        and not any(record.emails or record.phones or record.contacts for record in (a, b))
    )


class _Nearest:
    """The clients of a pool whose letters are nearest to one record's, found without reading each of them.

    Clients that share an e-mail address, a phone or a number are among them; the rest have the
    most and rarest runs of three letters in common.
    """

    def __init__(self, record: MatchRecord, pool: Sequence[Client]) -> None:
        self._record, self._pool = record, pool
        self._texts: list[str] = []
        self._emails: list[tuple[int, str]] = []
        self._postcodes: Counter[tuple[Value, str]] = Counter()
        exact = self._gather()
        nearest = dict.fromkeys([*sorted(exact)[:_READ], *self._by_letters()])
        self.clients = [pool[n] for n in nearest]

    def _gather(self) -> set[int]:
        """Go through the pool once, and return the positions of those that share an exact value.

        What is fetched from 15,000 clients costs more than what is done with it: each is fetched once.
        """
        wanted = frozenset(_exact(self._record))
        endings = _NOT_A_DIGIT.union(text[-1:] for text in wanted)  # the very last digit excludes most phone numbers
        postcodes = {place.postcode for place in self._record.places if place.postcode}
        exact: set[int] = set()
        for n, client in enumerate(self._pool):
            values = client.values
            texts = [values.get("name", "")]
            phones = [values.get("phone", "")]
            if client.email:
                self._emails.append((n, client.email))
            for contact in client.contacts:
                fields = contact.values
                texts.append(fields.get("contact.name", ""))
                phones += (fields.get("contact.phone", ""), fields.get("contact.mobile", ""))
                if email := fields.get("contact.email"):
                    self._emails.append((n, email))
            texts += (values.get("address", ""), values.get("city", ""))
            self._texts.append(" ".join(texts).casefold())
            for phone in phones:
                if phone[-1:] in endings and phone.translate(_NOT_DIGITS)[-8:] in wanted:
                    exact.add(n)
            for number in (client.xpm_number, client.number):
                if number and number.strip().casefold() in wanted:
                    exact.add(n)
            if client.identifiers and not wanted.isdisjoint(
                [text.replace(" ", "") for text in client.identifiers.values()]
            ):
                exact.add(n)
            for code in (values.get("postcode", ""), values.get("postal_postcode", "")):
                if code and code.casefold() in postcodes:
                    self._postcodes[Value.POSTCODE, code.casefold()] += 1
        exact.update(n for n, email in self._emails if email.strip().casefold() in wanted)
        return exact

    def _by_letters(self) -> Iterator[int]:
        """Positions of those that share the most and rarest runs of three letters, best first."""
        client = self._record.client
        wanted, named = _runs_by_pair(_text(client)), _runs(_names(client))
        shared = [[run for pair, runs in wanted if pair in text for run in runs if run in text] for text in self._texts]
        common = Counter(chain.from_iterable(shared))
        size = len(shared)
        rarity = {run: log2(1 + size / count) * (_NAMED if run in named else 1) for run, count in common.items()}
        weights = ((sum(map(rarity.__getitem__, runs)), -n) for n, runs in enumerate(shared) if runs)
        return (-n for _, n in nlargest(_READ, weights))

    def frequencies(self, records: Sequence[MatchRecord]) -> Context:
        """How common the record's words and places are in the whole pool."""
        counts = Counter(chain(self._words(), self._domains()))
        return Context(records, clients=len(self._pool), counts=counts | self._postcodes)

    def _words(self) -> Iterator[tuple[Value, str]]:
        """The words of the record's name, once for each client whose name has them."""
        people = self._record.name.people
        for word in {*self._record.name.core, *(w for p in people for w in (*p.given, p.surname))}:
            for client in (self._pool[n] for n, text in enumerate(self._texts) if word in text):
                if word in client.name.casefold().replace(",", " ").split():
                    yield Value.TOKEN, word
                    yield Value.GIVEN, word

    def _domains(self) -> Iterator[tuple[Value, str]]:
        """The record's mail domains, once for each client that has them; not those of providers."""
        wanted = {email.partition("@")[2] for email in self._record.emails} - FREE_MAIL
        domains = ((n, email.rpartition("@")[2].casefold()) for n, email in self._emails) if wanted else ()
        return ((Value.DOMAIN, domain) for _, domain in {pair for pair in domains if pair[1] in wanted})


_NAMED: Final = 2
"""What a run of letters in a name counts for: a long street and town have more letters than many a name."""


def _text(client: Client) -> str:
    return f"{_names(client)} {client.values.get('address', '')} {client.values.get('city', '')}".casefold()


def _names(client: Client) -> str:
    return " ".join([client.name, *(contact.name for contact in client.contacts)]).casefold()


def _runs(text: str) -> set[str]:
    return {text[start : start + 3] for start in range(len(text) - 2)}


def _runs_by_pair(text: str) -> list[tuple[str, list[str]]]:
    """All runs of three letters of a text, two and two by the pair of letters that they have in common.

    A text without the pair has neither run, so that most need not be looked for.
    """
    by_pair: defaultdict[str, list[str]] = defaultdict(list)
    first = {text[start : start + 3]: start for start in range(len(text) - 2)}
    for run, start in first.items():
        by_pair[run[1:] if start % 2 else run[:2]].append(run)
    return list(by_pair.items())


_NOT_A_DIGIT: Final = frozenset(chr(c) for c in range(32, 127) if not chr(c).isdigit())
_NOT_DIGITS: Final = dict.fromkeys(map(ord, _NOT_A_DIGIT))


def _exact(record: MatchRecord) -> Iterator[str]:
    """The e-mail addresses, phones and numbers of a record, as `_Nearest` reads those of a client."""
    yield from (email for email in record.emails if not is_role(email))
    yield from map(phone_tail, record.phones)
    yield from (text for text in (record.number, record.client.id.casefold()) if text)
    yield from (text.replace(" ", "") for text in record.client.identifiers.values() if text)

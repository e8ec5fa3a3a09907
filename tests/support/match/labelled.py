"""Practice-like clients with known answers: who is who in XPM and in Ignition.

A made-up practice is a list of families and firms. Each of their entities is
written down twice, by two typists with their own habits: other name layouts,
short forms, slips, moves, renames, missing fields, and some on one side only.
Everything follows from the seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from support.match.name_lists import NameLists
from support.match.typing_errors import Typist
from xpmsync.core.enums import System
from xpmsync.core.model import Client

_ONLY_XPM: Final = 0.10
_ONLY_IGNITION: Final = 0.08
_TWICE: Final = 0.004


@dataclass(frozen=True, slots=True)
class Person:
    """A person behind an entity."""

    given: str
    middle: str
    surname: str
    short: str
    email: str
    mobile: str
    woman: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """One client as it truly is."""

    key: str
    kind: str
    """person, couple, company, trust, unit trust, fund, partnership, estate, association, llp"""
    words: tuple[str, ...]
    people: tuple[Person, ...]
    address: tuple[str, str, str, str]
    phone: str
    email: str
    group: str
    trading: str = ""
    trustee: str = ""
    former: str = ""
    identifiers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Two systems' clients and the truth: which entity each client id stands for."""

    xpm: list[Client]
    ignition: list[Client]
    entity_of_xpm: dict[str, str]
    entity_of_ignition: dict[str, str]

    @property
    def pairs(self) -> int:
        """How many entities are in both systems."""
        return len(set(self.entity_of_xpm.values()) & set(self.entity_of_ignition.values()))

    def same(self, xpm_id: str, ignition_id: str) -> bool:
        """Say whether the two are truly one entity."""
        return self.entity_of_xpm[xpm_id] == self.entity_of_ignition[ignition_id]

    def withheld(self, seed: int) -> Labelled:
        """The same systems with half of the Ignition clients taken away."""
        rng = random.Random(seed)  # noqa: S311 - reproducible test data
        kept = [c for c in self.ignition if rng.random() < 0.5]
        return replace(self, ignition=kept, entity_of_ignition={c.id: self.entity_of_ignition[c.id] for c in kept})


def practice(seed: int, names: NameLists, households: int) -> Labelled:
    """Make up a practice of that many families and firms, about 2.2 entities each."""
    rng = random.Random(seed)  # noqa: S311 - reproducible test data
    world = _World(rng, names)
    xpm_typist, ignition_typist = Typist(rng, System.XPM), Typist(rng, System.IGNITION)
    made = Labelled([], [], {}, {})

    def write(entity: Entity, system: System) -> None:
        clients, truth, typist = (
            (made.xpm, made.entity_of_xpm, xpm_typist)
            if system is System.XPM
            else (made.ignition, made.entity_of_ignition, ignition_typist)
        )
        client = typist.write(entity, f"{'x' if system is System.XPM else 'i'}{len(clients):05d}")
        clients.append(client)
        truth[client.id] = entity.key

    for _ in range(households):
        for entity in world.household():
            draw = rng.random()
            if draw >= _ONLY_IGNITION:
                write(entity, System.XPM)
            if not _ONLY_IGNITION <= draw < _ONLY_IGNITION + _ONLY_XPM:
                write(world.later(entity), System.IGNITION)
            if rng.random() < _TWICE:
                write(entity, rng.choice([System.XPM, System.IGNITION]))
    rng.shuffle(made.xpm)
    rng.shuffle(made.ignition)
    return made


class _World:
    """The families and firms of one practice."""

    def __init__(self, rng: random.Random, names: NameLists) -> None:
        self._rng = rng
        self._names = names
        self._made = 0
        self._emails: set[str] = set()
        self._firms: set[tuple[str, ...]] = set()
        heads, tails = names.surname_parts
        rare = [head + tail for head in heads for tail in tails]
        self._surnames = [*names.surnames, *rare]
        hamlets = [
            (f"{head}{tail} {suffix}", region, f"{n + 100}{postcode[-1]}")
            for n, (head, (_, region, postcode)) in enumerate(zip(heads * 3, names.towns * 6, strict=False))
            for tail, suffix in [(tails[n % len(tails)], ("Plains", "Junction", "Bay")[n % 3])]
        ]
        self._towns = [*names.towns, *hamlets]
        self._town_weights = [40 / (n + 1) for n in range(len(self._towns))]
        self._surname_weights = [60 / (n + 3) for n in range(len(names.surnames))] + [0.35] * len(rare)

    def household(self) -> list[Entity]:
        """Make up one family or firm with all its entities."""
        makers = {
            self._single: 34,
            self._couple: 24,
            self._family_group: 16,
            self._stand_alone: 14,
            self._partners: 6,
            self._sisters: 4,
            self._association: 2,
        }
        return list(self._rng.choices(list(makers), list(makers.values()))[0]())

    def later(self, entity: Entity) -> Entity:
        """The entity at the time the other system's record was typed: some have moved, married, changed names."""
        rng = self._rng
        if rng.random() < 0.06:
            entity = replace(entity, address=self._address())
        if rng.random() < 0.06:
            entity = replace(
                entity, phone=self._phone(), people=tuple(replace(p, mobile=self._phone()) for p in entity.people)
            )
        if rng.random() < 0.06:
            people = tuple(replace(p, email=self._email(p.given, p.surname)) for p in entity.people)
            entity = replace(entity, people=people, email=people[0].email if people else entity.email)
        if entity.kind == "person" and entity.people[0].woman and rng.random() < 0.015:
            entity = replace(entity, people=(replace(entity.people[0], surname=self._surname()),))
        if entity.kind == "company" and rng.random() < 0.015:
            entity = replace(entity, words=self._firm(), former=" ".join(entity.words) if rng.random() < 0.5 else "")
        return entity

    def _single(self) -> Iterator[Entity]:
        person, address = self._person(), self._address()
        trading = f"{person.surname} {self._rng.choice(self._names.trades)}" if self._rng.random() < 0.15 else ""
        kind = "estate" if self._rng.random() < 0.03 else "person"
        yield self._entity(kind, (), (person,), address, person.mobile, trading=trading)
        if self._rng.random() < 0.15:
            words = (person.surname, self._rng.choice(self._names.trades))
            yield self._entity("company", words, (person,), address, person.mobile)

    def _couple(self) -> Iterator[Entity]:
        a, b, address, phone = *self._two(), self._address(), self._phone()
        if self._rng.random() < 0.2:
            yield self._entity("couple", (), (a, b), address, phone, group=a.surname)
            return
        yield self._entity("person", (), (a,), address, phone, group=a.surname)
        yield self._entity("person", (), (b,), address, phone, group=a.surname)
        if self._rng.random() < 0.2:
            yield self._entity("partnership", (), (a, b), address, phone, group=a.surname)
        if self._rng.random() < 0.2:
            yield self._entity("fund", (a.surname,), (a, b), address, phone, group=a.surname)

    def _family_group(self) -> Iterator[Entity]:
        rng = self._rng
        a, b, address, phone = *self._two(), self._address(), self._phone()
        group = f"{a.surname} Group"
        base = (a.surname, rng.choice(self._names.trades)) if rng.random() < 0.5 else self._firm()
        yield self._entity("person", (), (a,), address, phone, group=group)
        yield self._entity("person", (), (b,), address, phone, group=group)
        yield self._entity("company", base, (a,), address, phone, group=group)
        trustee = " ".join(base) if rng.random() < 0.5 else ""
        trust_words = base if rng.random() < 0.3 else (a.surname,)
        yield self._entity("trust", trust_words, (a, b), address, phone, group=group, trustee=trustee)
        if rng.random() < 0.5:
            yield self._entity("fund", (a.surname,), (a, b), address, phone, group=group)
        if rng.random() < 0.4:
            child = self._person(a.surname)
            email = child.email if rng.random() < 0.6 else a.email
            yield self._entity("person", (), (replace(child, email=email),), address, phone, group=group)
        if rng.random() < 0.1:
            for given in rng.choice(self._names.near):
                sibling = self._person(a.surname)
                mail = sibling.email if rng.random() < 0.5 else a.email
                yield self._entity(
                    "person", (), (replace(sibling, given=given, short=given, email=mail),), address, phone, group=group
                )
        if rng.random() < 0.1:
            namesake = self._person(a.surname)
            son = replace(namesake, given=a.given, short=a.short, middle=self._given(woman=False)[0])
            yield self._entity("person", (), (son,), self._address(), son.mobile, group=group)

    def _stand_alone(self) -> Iterator[Entity]:
        rng = self._rng
        owner, address = self._person(), self._address()
        words = self._firm()
        trading = " ".join(self._firm()) if rng.random() < 0.1 else ""
        kind = rng.choices(["company", "unit trust", "llp"], [85, 10, 5])[0]
        role = f"{rng.choice(['info', 'admin', 'accounts'])}@{''.join(words).replace(' ', '').lower()}.example"
        email = role if rng.random() < 0.4 else owner.email
        yield self._entity(kind, words, (owner,), address, self._phone(), trading=trading, email=email)

    def _partners(self) -> Iterator[Entity]:
        """Two owners of different surnames who share the firm's mailbox, also for their own returns."""
        rng = self._rng
        a, b, address, phone = self._person(), self._person(), self._address(), self._phone()
        shared = f"office@{a.surname.lower().replace(chr(39), '')}{b.surname.lower().replace(chr(39), '')}.example"
        yield self._entity("partnership", (a.surname, b.surname), (a, b), address, phone, email=shared)
        for person in (a, b):
            own = person.email if rng.random() < 0.6 else shared
            yield self._entity(
                "person",
                (),
                (replace(person, email=own),),
                address if rng.random() < 0.5 else self._address(),
                person.mobile,
            )

    def _sisters(self) -> Iterator[Entity]:
        """Entities of one owner with names alike: holdings, developments, No 2."""
        rng = self._rng
        owner, address, phone = self._person(), self._address(), self._phone()
        first, trade = self._firm()
        group = f"{first} Group"
        for words in ((first, trade), (first, rng.choice(self._names.trades), "Holdings"), (first, trade, "No 2")):
            yield self._entity("company", words, (owner,), address, phone, group=group)
        yield self._entity("unit trust", (first, trade), (owner,), address, phone, group=group)

    def _association(self) -> Iterator[Entity]:
        words = (
            self._rng.choice(self._names.towns)[0],
            self._rng.choice(["Tennis Club", "Bowls Club", "Arts Society"]),
        )
        yield self._entity("association", words, (self._person(),), self._address(), self._phone())

    def _entity(
        self,
        kind: str,
        words: tuple[str, ...],
        people: tuple[Person, ...],
        address: tuple[str, str, str, str],
        phone: str,
        *,
        group: str = "",
        trading: str = "",
        trustee: str = "",
        email: str = "",
    ) -> Entity:
        self._made += 1
        return Entity(
            key=f"e{self._made}",
            kind=kind,
            words=words,
            people=people,
            address=address,
            phone=phone,
            email=email or people[0].email,
            group=group,
            trading=trading,
            trustee=trustee,
            identifiers=self._identifiers(kind, trading),
        )

    def _identifiers(self, kind: str, trading: str) -> dict[str, str]:
        if kind in ("person", "couple", "estate") and not trading:
            return {}
        acn = _with_acn_digit(f"{self._rng.randrange(10**8):08d}")
        made = {"abn": _with_abn_digits(acn)}
        if kind == "company":
            made["company_number"] = acn
        return made

    def _two(self) -> tuple[Person, Person]:
        a = self._person(woman=False)
        b = self._person(a.surname, woman=True)
        return (a, replace(b, email=a.email)) if self._rng.random() < 0.35 else (a, b)

    def _person(self, surname: str = "", *, woman: bool | None = None) -> Person:
        is_woman = self._rng.random() < 0.5 if woman is None else woman
        given, short = self._given(woman=is_woman)
        middle = self._given(woman=is_woman)[0] if self._rng.random() < 0.5 else ""
        name = surname or self._surname()
        return Person(given, middle, name, short, self._email(given, name), self._phone(), is_woman)

    def _given(self, *, woman: bool) -> tuple[str, str]:
        given = self._rng.choice(self._names.women if woman else self._names.men)
        return given, self._names.short_forms.get(given, given)

    def _surname(self) -> str:
        return self._rng.choices(self._surnames, self._surname_weights)[0]

    def _email(self, given: str, surname: str) -> str:
        plain = surname.lower().replace("'", "").replace("-", "").encode("ascii", "ignore").decode()
        style = self._rng.choice([f"{given.lower()}.{plain}", f"{given[0].lower()}{plain}", f"{plain}family"])
        domain = self._rng.choice(["example.com", "example.net", "example.org", "mail.example"])
        email, number = f"{style}@{domain}", 0
        while email in self._emails:
            number += self._rng.randrange(1, 9)
            email = f"{style}{number}@{domain}"
        self._emails.add(email)
        return email

    def _firm(self) -> tuple[str, str]:
        """A company name; registers give each one once, but for a few across borders."""
        while True:
            words = (self._rng.choice(self._names.firm_words), self._rng.choice(self._names.trades))
            if self._rng.random() < 0.3:
                words = (f"{self._rng.choice(self._names.firm_words)} {words[0]}", words[1])
            if words not in self._firms or self._rng.random() < 0.02:
                self._firms.add(words)
                return words

    def _phone(self) -> str:
        """Numbers kept for fiction: (02, 03, 07, 08) 5550 xxxx and 7010 xxxx in Australia."""
        rng = self._rng
        return f"{rng.choice(['02', '03', '07', '08'])}{rng.choice(['5550', '7010'])}{rng.randrange(10000):04d}"

    def _address(self) -> tuple[str, str, str, str]:
        rng = self._rng
        unit = f"{rng.randrange(1, 20)}/" if rng.random() < 0.15 else ""
        street = f"{unit}{rng.randrange(1, 250)} {rng.choice(self._names.streets)}"
        return (
            f"{street} {rng.choice(['Street', 'Road', 'Avenue', 'Crescent', 'Place'])}",
            *rng.choice(self._names.towns),
        )


def _with_acn_digit(eight: str) -> str:
    total = sum(int(d) * w for d, w in zip(eight, range(8, 0, -1), strict=True))
    return f"{eight}{-total % 10}"


def _with_abn_digits(nine: str) -> str:
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    for prefix in range(10, 100):
        number = f"{prefix}{nine}"
        digits = [int(number[0]) - 1, *(int(d) for d in number[1:])]
        if sum(d * w for d, w in zip(digits, weights, strict=True)) % 89 == 0:
            return number
    raise AssertionError(nine)

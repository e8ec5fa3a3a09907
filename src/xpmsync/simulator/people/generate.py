"""A practice of any size, made in seconds and always the same for one seed.

Detailed answers come to about 3.3 KB a client, as real ones do (15,000 clients:
50 MB). `generated` makes the records, `generate` stores them as XPM's side.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Final

from xpmsync.simulator.people.model import STAFF, HomeAddress, abn, acn, nzbn
from xpmsync.simulator.world import records, xml
from xpmsync.simulator.world.world import World

SECOND_CONTACTS: Final = 0.3
"""The share of clients that have a second contact, unless another is wanted."""

_BEGINNING: Final = datetime(2025, 1, 6, tzinfo=UTC)
_BATCH: Final = 500
_FAMILIES: Final = 400
_STRUCTURES: Final = (
    *("Individual",) * 34, *("Company",) * 32, *("Trust",) * 14, *("Partnership",) * 10, *("Super Fund",) * 7,
    *("Sole Trader",) * 3,
)  # fmt: skip
_ENDINGS: Final = {
    "Australia": ("Pty Ltd", "Pty. Limited", "Pty Ltd"),
    "New Zealand": ("Limited", "Ltd", "Limited"),
    "United Kingdom": ("Ltd", "Limited", "LLP"),
}
_LANDLINES: Final = {
    "Australia": ("(02) 5550", "(03) 5550", "(07) 5550", "(08) 5550"),
    "New Zealand": ("09 555", "04 555", "03 555"),
    "United Kingdom": ("020 7946", "01632 96", "0161 496"),
}
_MOBILES: Final = {"Australia": "0491 57", "New Zealand": "021 555", "United Kingdom": "07700 90"}
_NOTES: Final = (
    "Rang about provisional tax; will send the bank statements for the quarter by Friday.",
    "Engagement letter signed and filed. Fee as last year, invoiced monthly from July.",
    "Asked whether the vehicle should be bought by the company or leased; to be discussed at the review.",
    "Prefers e-mail to telephone. Accounts go to the spouse as well, see the contacts of this client.",
    "Year-end working papers received, two invoices missing, queried with the bookkeeper by e-mail.",
    "Considering a restructure before the end of the year: memo on the trust deed sent to both trustees.",
)
_STAFF: Final = tuple(records.Ref(member.uuid, member.name) for member in STAFF.values())
_NOTES_EACH: Final = 5
"""Notes of an average client; they bring its XML to its real size."""


def generate(world: World, *, clients: int = 15_000, seed: int = 1, second_contacts: float = SECOND_CONTACTS) -> None:
    """Fill an empty world with that many clients, their XML kept ready so that long lists cost no rendering.

    `second_contacts` is the share of clients that have a second contact.
    """
    with world.transaction():
        for member in STAFF.values():
            world.add_staff(member)
        for family in range(_FAMILIES):
            world.add_group(_family(family))
        made = generated(clients, seed, second_contacts)
        while batch := list(islice(made, _BATCH)):
            world.insert_many(batch, [xml.render_client(client) for client in batch])


def generated(clients: int, seed: int = 1, second_contacts: float = SECOND_CONTACTS) -> Iterator[records.WorldClient]:
    """The generated clients themselves, one after another."""
    maker = _Maker(Random(seed), second_contacts)  # noqa: S311 - repeatable data, no secret
    for place in range(clients):
        yield maker.client(place)


class _Maker:
    """Makes clients in order; some share a person with, or are related to, the one before."""

    def __init__(self, random: Random, second_contacts: float) -> None:
        self._random = random
        self._second_contacts = second_contacts
        self._before: records.WorldClient | None = None

    def client(self, place: int) -> records.WorldClient:
        random = self._random
        country = COUNTRIES[0 if random.random() < 0.5 else 1 + (random.random() < 0.4)]
        structure = random.choice(_STRUCTURES)
        first, last = random.choice(FIRST_NAMES[country]), random.choice(LAST_NAMES[country])
        contacts = self._contacts(place, country, first, last)
        related = self._before if self._before and random.random() < 0.3 else None
        made = records.WorldClient(
            uuid=self._uuid(),
            number=20_001 + place,
            fields=self._fields(place, country, structure, first, last),
            modified=(_BEGINNING + timedelta(minutes=37 * place)).strftime("%Y-%m-%dT%H:%M:%S.000000"),
            archived=random.random() < 0.06,
            deleted=random.random() < 0.01,
            account_manager=random.choice(_STAFF[:2]),
            job_manager=random.choice(_STAFF[2:]),
            billing=records.Ref(related.uuid, related.name) if related and random.random() < 0.2 else None,
            members=contacts,
            groups=(_family_ref(random.randrange(_FAMILIES)),) if random.random() < 0.4 else (),
            notes=self._notes(),
            relationships=(self._tie(related),) if related else (),
        )
        self._before = made
        return made

    def _uuid(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def _fields(self, place: int, country: str, structure: str, first: str, last: str) -> dict[str, str]:
        random = self._random
        town = random.choice(TOWNS[country])
        street = f"{random.randrange(1, 400)} {random.choice(STREETS)}"
        if random.random() < 0.15:
            street = f"Unit {random.randrange(1, 30)}\n{street}"
        fields = {
            "Name": self._name(country, structure, first, last),
            "Address": street,
            "City": town.city,
            "Region": town.region,
            "PostCode": town.postcode,
            "Country": country,
            "Phone": self._phone(country) if random.random() < 0.8 else "",
            "Email": f"client{place}@example.com" if random.random() < 0.5 else "",
            "ClientCode": f"{last[:4].upper()}{place:05d}",
            "IsProspect": "Yes" if random.random() < 0.03 else "No",
            "Type": "20th of Month",
            "TaxNumber": f"{place:09d}",
            "BusinessStructure": structure,
            "GSTRegistered": "No" if structure in ("Individual", "Super Fund") else "Yes",
            "BalanceMonth": "June" if country == "Australia" else "March",
            "BankAccountName": f"{first} {last}",
            "BankBranchNumber": "000-000",
            "BankAccountNumber": f"{place:010d}",
        }
        if random.random() < 0.6:
            fields |= {
                "PostalAddress": f"PO Box {random.randrange(1, 9999)}",
                "PostalCity": town.city,
                "PostalRegion": town.region,
                "PostalPostCode": town.postcode,
                "PostalCountry": country,
            }
        if structure in ("Individual", "Sole Trader"):
            year = random.randrange(1940, 2005)
            fields |= {"FirstName": first, "LastName": last, "DateOfBirth": f"{year}-0{random.randrange(1, 10)}-17"}
        else:
            fields |= _register_numbers(country, structure, place)
            if random.random() < 0.4:
                fields["Website"] = f"www.client{place}.example.com"
        return {name: text for name, text in fields.items() if text}

    def _name(self, country: str, structure: str, first: str, last: str) -> str:
        random = self._random
        match structure:
            case "Individual":
                return f"{last}, {first}" if random.random() < 0.5 else f"{first} {last}"
            case "Company":
                trade = f"{random.choice(WORDS)} {random.choice(TRADES)}"
                return f"{trade if random.random() < 0.8 else f'{last} {trade}'} {random.choice(_ENDINGS[country])}"
            case "Trust":
                kind = random.choice(("Family Trust", "Discretionary Trust", "Whānau Trust", "Unit Trust"))
                return f"{'The ' if random.random() < 0.2 else ''}{first[0]} {last} {kind}"
            case "Partnership":
                other = random.choice(FIRST_NAMES[country])
                return f"{first[0]} & {other[0]} {last}" if random.random() < 0.5 else f"{last} & {other} {last}"
            case "Super Fund":
                return f"{last} {random.choice(('Superannuation Fund', 'Super Fund', 'Family SMSF', 'Pension Fund'))}"
            case _:
                return f"{first} {last} t/a {random.choice(WORDS)} {random.choice(TRADES)}"

    def _phone(self, country: str) -> str:
        return f"{self._random.choice(_LANDLINES[country])} 0{self._random.randrange(1000):03d}"

    def _contacts(self, place: int, country: str, first: str, last: str) -> tuple[records.Member, ...]:
        random = self._random
        if random.random() < 0.02:
            return ()
        flagged = random.random() < 0.85
        if self._before and self._before.members and random.random() < 0.08:
            return (records.Member(self._before.members[0].contact, flagged),)
        count = 1 + (random.random() < self._second_contacts) + (random.random() < 0.06)
        others = [name for name in FIRST_NAMES[country] if name != first]
        names = [f"{name} {last}" for name in (first, *random.sample(others, count - 1))]
        return tuple(
            records.Member(self._contact(f"contact{place}.{which}", name, country), flagged and which == 0)
            for which, name in enumerate(names)
        )

    def _contact(self, mailbox: str, name: str, country: str) -> records.WorldContact:
        random = self._random
        fields = {
            "Name": name,
            "Salutation": name.split()[0],
            "Email": f"{mailbox}@example.com",
            "Phone": self._phone(country) if random.random() < 0.5 else "",
            "Mobile": f"{_MOBILES[country]}0 {random.randrange(1000):03d}" if random.random() < 0.6 else "",
            "Addressee": name if random.random() < 0.3 else "",
        }
        return records.WorldContact(self._uuid(), {key: text for key, text in fields.items() if text})

    def _notes(self) -> tuple[records.ClientNote, ...]:
        random = self._random
        return tuple(
            records.ClientNote(
                "File note", random.choice(_NOTES), f"2025-0{random.randrange(1, 10)}-12T09:30:00", "Tom Okafor"
            )
            for _ in range(random.randrange(2 * _NOTES_EACH + 1))
        )

    def _tie(self, related: records.WorldClient) -> records.Relationship:
        kind = self._random.choice(("Shareholder", "Director", "Trustee", "Beneficiary", "Spouse"))
        shares = 100 if kind == "Shareholder" else 0
        return records.Relationship(
            self._uuid(), kind, records.Ref(related.uuid, related.name), shares, start="2015-07-01"
        )


def _register_numbers(country: str, structure: str, place: int) -> dict[str, str]:
    if country == "Australia":
        company = {"CompanyNumber": acn(place)} if structure == "Company" else {}
        return {"BusinessNumber": abn(place), "PrepareActivityStatement": "Yes", **company}
    if country == "New Zealand":
        return {"BusinessNumber": nzbn(place), "GSTPeriod": "2 Monthly", "AgencyStatus": "With EOT"}
    return {"CompanyNumber": f"99{place:06d}"} if structure == "Company" else {}


def _family(place: int) -> records.ClientGroup:
    ref = _family_ref(place)
    return records.ClientGroup(ref.uuid, ref.name)


def _family_ref(place: int) -> records.Ref:
    country = COUNTRIES[place % 3]
    names = LAST_NAMES[country]
    return records.Ref(f"0f000000-0000-4000-a000-{place:012d}", f"{names[place // 3 % len(names)]} Group {place + 1}")


COUNTRIES: Final = ("Australia", "New Zealand", "United Kingdom")

FIRST_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "Australia": (
        "Olivia", "Jack", "Charlotte", "Noah", "Amelia", "Lachlan", "Isla", "Cooper", "Matilda", "Angus",
        "Priya", "Minh", "Giulia", "Yusuf", "Siobhán", "Dragan", "Mei", "Arjun", "Zoë", "Stavros",
        "Bronwyn", "Craig", "Narelle", "Darren", "Kylie", "Bruce", "Sheila", "Wayne", "Leanne", "Trevor",
    ),
    "New Zealand": (
        "Aroha", "Wīremu", "Ngaire", "Hēmi", "Mere", "Tāne", "Kiri", "Rāwiri", "Anahera", "Hone",
        "Marama", "Nikau", "Whetū", "Manaia", "Āwhina", "Tama", "Sione", "Losa", "Emma", "Liam",
        "Georgia", "Fraser", "Jess", "Blair", "Kate", "Josh", "Wei", "Harpreet", "Sefa", "Ruby",
    ),
    "United Kingdom": (
        "Oliver", "Poppy", "Harry", "Isla", "Alfie", "Freya", "Rhys", "Ffion", "Hamish", "Morag",
        "Callum", "Siân", "Niamh", "Ciarán", "Chidi", "Amara", "Paweł", "Agnieszka", "Imran", "Ayesha",
        "Nigel", "Beryl", "Graham", "Maureen", "Derek", "Hilary", "Gareth", "Elowen", "Rupert", "Olú",
    ),
}  # fmt: skip

LAST_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "Australia": (
        "Smith", "Jones", "Nguyen", "Williams", "Brown", "Wilson", "Papadopoulos", "Singh", "Rossi", "Chen",
        "O'Connor", "McKenzie", "Hartley", "Kowalski", "Whitfield", "Delaney", "Abbott", "Farrugia", "Khan",
        "Barker", "Gallagher", "Hughes", "Ferrante", "Lim", "Pereira", "Quinn", "Stojanović", "Tran", "Vella",
    ),
    "New Zealand": (
        "Parata", "Tūhoro", "Ngata", "Te Aho", "Rangihuna", "Walker", "Cooper", "Fifita", "Leota", "MacDonald",
        "Campbell", "Reid", "Morrison", "Patel", "Zhang", "Wihongi", "Kereama", "Pōtiki", "Heke", "Tāmaki",
        "Taylor", "Thompson", "Harris", "Mitchell", "Young", "King", "Paewai", "Ruwhiu", "Li", "Hughes",
    ),
    "United Kingdom": (
        "Pemberton", "Evans", "Davies", "MacLeod", "Fraser", "Gruffydd", "Adéyẹmí", "Okonkwo", "Zieliński",
        "Hussain", "Patel", "Clarke", "Wright", "Thornton", "Ashworth", "Braithwaite", "Penrose", "Bowen",
        "Fenwick", "Hobbs", "Ó Briain", "Doyle", "Sinclair", "Tregenza", "Whitaker", "Yates", "Lane", "Cole",
    ),
}  # fmt: skip

WORDS: Final = (
    "Bluegum", "Harbour", "Kererū", "Southern Cross", "Redwood", "Hedgerow", "Saltbush", "Tūī", "Ironbark",
    "Northern Light", "Jacaranda", "Fernleaf", "Oak & Ash", "Banksia", "Pōhutukawa", "Thistle", "Wattle",
    "Kauri", "Meridian", "Cobalt", "Copper Kettle", "Long Acre", "Coral", "Granite", "Rata", "Swift", "Lantern",
    "Magpie", "Tide", "Summit", "Driftwood", "Willow", "Anchor", "Bright Spark", "Kōwhai", "Millstone",
)  # fmt: skip

TRADES: Final = (
    "Plumbing", "Electrical", "Holdings", "Investments", "Dental", "Physiotherapy", "Café", "Brewing", "Farms",
    "Forestry", "Haulage", "Consulting", "Joinery", "Roofing", "Landscapes", "Design", "Media", "Properties",
    "Engineering", "Early Learning", "Pharmacy", "Motors", "Fisheries", "Vineyards", "Software", "Nominees",
)  # fmt: skip

STREETS: Final = (
    "High Street", "Church Street", "Station Road", "Victoria Street", "Mill Lane", "Banksia Crescent",
    "Queen Street", "Beach Road", "Park Avenue", "Kōwhai Place", "Harbour View", "Old Northern Road",
    "Depot Place", "Foundry Road", "Orchard Lane", "Rātā Street",
)  # fmt: skip

TOWNS: Final[dict[str, tuple[HomeAddress, ...]]] = {
    "Australia": (
        HomeAddress("", "Parramatta", "NSW", "2150"), HomeAddress("", "Maitland", "NSW", "2320"),
        HomeAddress("", "Geelong", "VIC", "3220"), HomeAddress("", "Bendigo", "VIC", "3550"),
        HomeAddress("", "Toowoomba", "QLD", "4350"), HomeAddress("", "Cairns", "QLD", "4870"),
        HomeAddress("", "Fremantle", "WA", "6160"), HomeAddress("", "Mount Gambier", "SA", "5290"),
        HomeAddress("", "Launceston", "TAS", "7250"), HomeAddress("", "Darwin", "NT", "0800"),
    ),
    "New Zealand": (
        HomeAddress("", "Auckland", "", "1010"), HomeAddress("", "Whangārei", "Northland", "0110"),
        HomeAddress("", "Ōtaki", "", "5512"), HomeAddress("", "Taupō", "Waikato", "3330"),
        HomeAddress("", "Christchurch", "Canterbury", "8011"), HomeAddress("", "Dunedin", "Otago", "9016"),
        HomeAddress("", "Nelson", "", "7010"), HomeAddress("", "Invercargill", "Southland", "9810"),
    ),
    "United Kingdom": (
        HomeAddress("", "London", "", "EC3V 0AA"), HomeAddress("", "Leeds", "West Yorkshire", "LS1 1AA"),
        HomeAddress("", "Cardiff", "", "CF10 1AA"), HomeAddress("", "Edinburgh", "", "EH3 9AA"),
        HomeAddress("", "Truro", "Cornwall", "TR1 1AA"), HomeAddress("", "Hexham", "Northumberland", "NE46 1AA"),
        HomeAddress("", "Norwich", "Norfolk", "NR1 1AA"), HomeAddress("", "Belfast", "", "BT1 1AA"),
    ),
}  # fmt: skip

"""Made-up Australian clients, among them most of the awkward ones."""

from __future__ import annotations

from typing import Final

from xpmsync.simulator.people.model import HomeAddress, InIgnition, Made, Person, abn, acn

__all__ = ["AUSTRALIA"]


def _au(lines: str, city: str, region: str, postcode: str) -> HomeAddress:
    return HomeAddress(lines, city, region, postcode, "Australia")


def _company(number: int) -> dict[str, str]:
    return {
        "CompanyNumber": acn(number),
        "BusinessNumber": abn(number),
        "TaxNumber": f"000000{number:03d}",
        "Type": "20th of Month",
        "PrepareActivityStatement": "Yes",
        "BankAccountName": "Made-up account",
        "BankBranchNumber": "000-000",
        "BankAccountNumber": f"0000{number:04d}",
    }


def _person(first: str, last: str, born: str, number: int) -> dict[str, str]:
    return {
        "Title": "",
        "FirstName": first,
        "LastName": last,
        "DateOfBirth": born,
        "TaxNumber": f"000000{number:03d}",
        "Type": "14 days",
        "PrepareTaxReturn": "Yes",
    }


_HELEN: Final = Person(
    "helen-whitmore", "Helen Whitmore", "helen@whitmore.example.com", "(02) 5550 0111", "0491 570 006",
    "Helen", "Mrs H Whitmore", primary=True,
)  # fmt: skip
_GRAHAME: Final = Person(
    "grahame-whitmore", "Grahame Whitmore", "grahame@whitmore.example.com", "", "0491 570 156",
    "Grahame", "Mr G Whitmore",
)  # fmt: skip
_BOOKKEEPER: Final = Person(
    "bookkeeper", "Lee Tran", "books@ledgerlane.example.com", "(02) 5550 0190", "", "Lee", "",
    primary=True,
)  # fmt: skip
_WHITMORE_HOME: Final = _au("14 Banksia Crescent", "Castle Hill", "NSW", "2154")
_SMITHS: Final = "thesmiths@example.com"

AUSTRALIA: Final = (
    Made(
        "whitmore-trust", "Whitmore Family Trust", "Trust", (_HELEN, _GRAHAME), _WHITMORE_HOME,
        _au("PO Box 118", "Castle Hill", "NSW", "1765"), "(02) 5550 0111", groups=("Whitmore Family",),
        elements={"BusinessNumber": abn(101), "TaxNumber": "000000101", "Type": "Fixed monthly"},
        related={"Trustee": "whitmore-holdings", "Beneficiary": "whitmore-helen"},
        notes=("Distribution resolution signed before 30 June.",),
        ignition=InIgnition(),
    ),
    Made(
        "whitmore-holdings", "Whitmore Holdings Pty Ltd", "Company", (_GRAHAME, _HELEN),
        _au("Suite 4, 220 Old Northern Road", "Castle Hill", "NSW", "2154"), phone="(02) 5550 0112",
        website="www.whitmoreholdings.example.com", groups=("Whitmore Family",), elements=_company(102),
        related={"Shareholder": "whitmore-helen"},
        ignition=InIgnition(values={"address": "Suite 9\n220 Old Northern Road"}),
    ),
    Made(
        "whitmore-super", "Whitmore Superannuation Fund", "Super Fund", (_HELEN,), _WHITMORE_HOME,
        registered="No", groups=("Whitmore Family", "Super Funds"),
        elements={"BusinessNumber": abn(103), "TaxNumber": "000000103"},
        ignition=InIgnition(values={"name": "Whitmore Super Fund"}),
    ),
    Made(
        "whitmore-helen", "Whitmore, Helen", "Individual", (_HELEN,), _WHITMORE_HOME,
        email="helen@whitmore.example.com", registered="No", groups=("Whitmore Family",),
        elements=_person("Helen", "Whitmore", "1961-03-09", 104),
        ignition=InIgnition(linked=False, values={"name": "Helen Whitmore"}),
    ),
    Made(
        "smith-parramatta", "John Smith", "Individual",
        (Person("john-smith-nsw", "John Smith", "john.smith@example.com", mobile="0491 570 157", primary=True),),
        _au("3/41 Church Street", "Parramatta", "NSW", "2150"), registered="No",
        elements=_person("John", "Smith", "1975-07-21", 105), ignition=InIgnition(linked=False),
    ),
    Made(
        "smith-fremantle", "John Smith", "Individual",
        (Person("john-smith-wa", "John Smith", "jsmith@example.com", mobile="0491 570 158", primary=True),),
        _au("8 Norfolk Street", "Fremantle", "WA", "6160"), registered="No", manager="bronwyn",
        elements=_person("John", "Smith", "1988-11-02", 106), ignition=InIgnition(linked=False),
    ),
    Made(
        "smith-couple", "J & M Smith", "Partnership",
        (
            Person("jack-smith", "Jack Smith", _SMITHS, "(03) 5550 0121", "", "Jack", primary=True),
            Person("margaret-smith", "Margaret Smith", _SMITHS, "(03) 5550 0121", "", "Margaret"),
        ),
        _au("RMB 2210\nLake Road", "Colac", "VIC", "3250"), registered="No",
        elements={"BusinessNumber": abn(107), "TaxNumber": "000000107"},
        related={"Partner": "smith-parramatta"}, ignition=InIgnition(without=("margaret-smith",)),
    ),
    Made(
        "cafe-zoe", "Café Zoë Pty Ltd", "Company",
        (Person("zoe-laurent", "Zoë Laurent", "zoe@cafezoe.example.com", "(03) 7010 0134", "0491 570 159",
                "Zoë", "Ms Z Laurent", primary=True),),
        _au("77 Smith Street", "Collingwood", "VIC", "3066"), phone="(03) 7010 0134",
        website="https://cafezoe.example.com", elements=_company(108),
        ignition=InIgnition(values={"name": "Cafe Zoe Pty Ltd"}),
    ),
    Made(
        "nguyen", "Nguyễn & Daughters Pty Ltd", "Company",
        (Person("linh-nguyen", "Nguyễn Thị Linh", "linh@nguyendaughters.example.com", "(08) 5550 0145", "",
                "Linh", primary=True),
         Person("mai-nguyen", "Mai Nguyen", "mai@nguyendaughters.example.com", "", "0491 570 110")),
        _au("12 Gouger Street", "Adelaide", "SA", "5000"), phone="(08) 5550 0145", elements=_company(109),
        ignition=InIgnition(extra=({"contact.name": "Accounts", "contact.email": "ap@nguyendaughters.example.com"},)),
    ),
    Made(
        "dormant", "Dormant Nominees (No. 7) Pty Ltd", "Company",
        street=_au("Level 2, 1 Eagle Street", "Brisbane", "QLD", "4000"), registered="No",
        elements=_company(110),
    ),
    Made(
        "bluegum", "Bluegum Building Services", "Partnership",
        (Person("pete-kowalski", "Pete Kowalski", "pete@bluegum.example.com", "", "0491 570 313"),
         Person("ania-kowalski", "Ania Kowalski", "ania@bluegum.example.com", "", "0491 570 737")),
        _au("Unit 6, 19 Foundry Road", "Seven Hills", "NSW", "2147"), fax="(02) 5550 0152",
        phone="(02) 5550 0151", elements={"BusinessNumber": abn(111), "TaxNumber": "000000111"},
        ignition=InIgnition(contacts={"pete-kowalski": {"contact.email": "pkowalski@bluegum.example.com"}}),
    ),
    Made(
        "koala-creek", "Koala Creek Vineyard Pty Ltd", "Company",
        (Person("koala-accounts", "accounts@koalacreek.example.com", "accounts@koalacreek.example.com",
                primary=True),),
        _au("Lot 12 Chapel Road", "Pokolbin", "NSW", "2320"), website="koalacreek.example.com",
        elements=_company(112), ignition=InIgnition(),
    ),
    Made(
        "level-32", "Level Thirty-Two Ventures Pty Ltd", "Company",
        (Person("sana-iqbal", "Sana Iqbal", "sana@level32.example.com", "(02) 5550 0163", "", "Sana",
                "Ms S Iqbal", "Managing Director", primary=True),),
        _au("Level 32, Foundation Tower\r\nc/- The Company Secretary\r\n9 Made-up Lane", "Sydney", "NSW", "2000"),
        _au("GPO Box 4432\nAttention: Accounts", "Sydney", "NSW", "2001"), "+61 2 5550 0163",
        elements=_company(113),
        ignition=InIgnition(
            values={"address": "Level 32, Foundation Tower\nc/- The Company Secretary\n9 Made-up Lane "}
        ),
    ),
    Made(
        "old-mill", "Old Mill Bakery Pty Ltd", "Company",
        (Person("rosa-marino", "Rosa Marino", "rosa@oldmill.example.com", primary=True),),
        _au("2 Mill Lane", "Bowral", "NSW", "2576"), elements=_company(114), archived=True,
        ignition=InIgnition(values={"phone": "(02) 5550 0170"}),
    ),
    Made(
        "bluegum-twice", "Bluegum Building Services", "Partnership",
        notes=("Entered twice by mistake, see the other record.",), deleted=True,
    ),
    Made(
        "saltbush", "Saltbush Solar", "Company",
        (Person("dev-patel", "Dev Patel", "dev@saltbush.example.com", "", "0491 571 266", primary=True),),
        _au("", "Broken Hill", "NSW", "2880"), registered="", elements={"IsProspect": "Yes"},
    ),
    Made(
        "paint-panel", "Paint [/b] & Panel <Pty> Ltd", "Company",
        (Person("ivan-petrov", "Ivan [red]Petrov[/red]", "ivan@paintpanel.example.com", primary=True),),
        _au("55 Spray Street", "Dandenong", "VIC", "3175"), elements=_company(115), ignition=InIgnition(linked=False),
    ),
    Made(
        "delacroix", "R Delacroix t/a Southern Cross Plumbing", "Sole Trader",
        (Person("remy-delacroix", "Rémy Delacroix", "remy@scplumbing.example.com", "", "0491 571 491",
                "Rémy", primary=True),),
        _au("23 Tradewinds Court", "Hobart", "TAS", "7000"),
        elements=_person("Rémy", "Delacroix", "1983-01-30", 116),
        ignition=InIgnition(linked=False, values={"name": "Southern Cross Plumbing"}),
    ),
    Made(
        "marlowe", "Marlowe Nominees Pty Ltd ATF Marlowe Discretionary Trust", "Trust",
        (Person("vivian-marlowe", "Vivian Marlowe", "viv@marlowe.example.com", "(07) 5550 0177", "",
                "Viv", "Vivian Marlowe", primary=True),),
        _au("PO Box 9", "Noosa Heads", "QLD", "4567"), phone="(07) 5550 0177", groups=("Marlowe",),
        elements={"BusinessNumber": abn(117), "TaxNumber": "000000117"},
        ignition=InIgnition(values={"name": "Marlowe Discretionary Trust"}),
    ),
    Made(
        "marlowe-company", "Marlowe Nominees Pty Ltd", "Company",
        (Person("vivian-marlowe", "Vivian Marlowe"),), _au("PO Box 9", "Noosa Heads", "QLD", "4567"),
        groups=("Marlowe",), elements=_company(118), related={"Trustee": "marlowe"},
    ),
    Made(
        "jacaranda", "Jacaranda Physiotherapy Pty Ltd", "Company",
        (Person("tessa-oneil", "Tessa O’Neil", "tessa@jacaranda.example.com", "(07) 7010 0181", "0491 571 804",
                "Tessa", primary=True),
         Person("former-owner", "Bill Hill", "bill@hillstreet.example.com", deleted=True)),
        _au("101 Hill Street", "Toowong", "QLD", "4066"), phone="(07) 7010 0181",
        website="www.jacarandaphysio.example.com", elements=_company(119),
        ignition=InIgnition(values={"name": "Hill Street Physio Pty Ltd", "website": ""}),
    ),
    Made(
        "corner-store", "Corner Store Trading Co", "Partnership", (_BOOKKEEPER,),
        _au("1 High Street", "Maitland", "NSW", "2320"), elements={"BusinessNumber": abn(120)}, ignition=InIgnition(),
    ),
    Made(
        "harvest-moon", "Harvest Moon Orchards Pty Ltd", "Company", (_BOOKKEEPER,),
        _au("Orchard Lane", "Batlow", "NSW", "2730"), elements=_company(121),
        ignition=InIgnition(values={"phone": "02 5550 0191", "city": "Tumut"}),
    ),
    Made(
        "rahman", "Dr Aisha Rahman", "Individual",
        (Person("aisha-rahman", "Dr Aisha Rahman", "aisha.rahman@example.com", "", "0491 572 549",
                "Aisha", "Dr A Rahman", primary=True),),
        _au("Unit 18, 5 Clinic Way", "Darwin", "NT", "0800"), email="aisha.rahman@example.com",
        registered="No", elements=_person("Aisha", "Rahman", "1990-05-17", 122),
        ignition=InIgnition(contacts={"aisha-rahman": {"contact.email": "drrahman@example.net"}}),
    ),
    Made(
        "thornbury", "Thornbury Timber & Hardware Pty Ltd", "Company",
        (Person("gus-thornbury", "Gus Thornbury", "", "(03) 5550 0199", primary=True),),
        _au("400 High Street", "Thornbury", "VIC", "3071"), phone="(03) 5550 0199", elements=_company(123),
    ),
    Made(
        "obriain", "Ó Briain Family Trust", "Trust",
        (Person("ciaran-obriain", "Ciarán Ó Briain", "ciaran@example.com", "", "0491 572 665", primary=True),),
        _au("9 Emerald Drive", "Canberra", "ACT", "2600"), registered="",
        elements={"BusinessNumber": abn(124)}, ignition=InIgnition(values={"phone": "02 5550 0140"}),
    ),
)  # fmt: skip

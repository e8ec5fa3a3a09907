"""Made-up clients from Aotearoa New Zealand."""

from __future__ import annotations

from typing import Final

from xpmsync.simulator.people.model import HomeAddress, InIgnition, Made, Person, nzbn

__all__ = ["NEW_ZEALAND"]


def _nz(lines: str, city: str, postcode: str, region: str = "") -> HomeAddress:
    return HomeAddress(lines, city, region, postcode, "New Zealand")


def _limited(number: int) -> dict[str, str]:
    return {
        "CompanyNumber": f"99{number:05d}",
        "BusinessNumber": nzbn(number),
        "TaxNumber": f"000-000-{number:03d}",
        "Type": "20th of Month",
        "BalanceMonth": "March",
        "GSTPeriod": "2 Monthly",
        "GSTBasis": "Payment",
        "ReturnType": "IR4",
        "AgencyStatus": "With EOT",
        "SignedTaxAuthority": "Yes",
        "BankAccountNumber": f"00-0000-{number:07d}-00",
    }


_AROHA: Final = Person(
    "aroha-parata", "Aroha Parata", "aroha@parata.example.com", "09 555 0101", "021 555 0101",
    "Aroha", "Aroha Parata", primary=True,
)  # fmt: skip
_WIREMU: Final = Person("wiremu-parata", "Wīremu Parata", "wiremu@parata.example.com", "", "021 555 0102", "Wī", "")
_PARATA_HOME: Final = _nz("27 Ōrākei Rise", "Auckland", "1071")

NEW_ZEALAND: Final = (
    Made(
        "parata-couple", "Wīremu & Aroha Parata", "Partnership", (_AROHA, _WIREMU), _PARATA_HOME,
        groups=("Parata Whānau",), registered="No", partner="callum", manager="mere",
        elements={"TaxNumber": "000-000-201"}, related={"Partner": "parata-contracting"},
        ignition=InIgnition(values={"name": "Wiremu & Aroha Parata"}),
    ),
    Made(
        "parata-trust", "Parata Whānau Trust", "Trust", (_AROHA,), _PARATA_HOME,
        groups=("Parata Whānau",), registered="No", partner="callum", manager="mere",
        elements={"TaxNumber": "000-000-202", "ReturnType": "IR6"}, billing="parata-contracting",
        ignition=InIgnition(),
    ),
    Made(
        "parata-contracting", "Parata Contracting Limited", "Company", (_WIREMU, _AROHA),
        _nz("Unit 3, 8 Depot Place", "Pukekohe", "2120", "Auckland"), phone="09 555 0103",
        website="www.paratacontracting.example.com", groups=("Parata Whānau",), partner="callum",
        manager="mere", elements=_limited(203), related={"Shareholder": "parata-couple"},
        ignition=InIgnition(values={"phone": "+64 9 555 0199", "name": "Parata Contracting Ltd"}),
    ),
    Made(
        "runanga", "Te Rūnanga o Ngā Puke Charitable Trust", "Charity",
        (Person("ngaire-tuhoro", "Ngaire Tūhoro", "ngaire@ngapuke.example.com", "07 555 0104", "",
                "Ngaire", primary=True),),
        _nz("Marae Road\nRD 4", "Ōpōtiki", "3197", "Bay of Plenty"), phone="07 555 0104",
        partner="callum", manager="mere", elements={"TaxNumber": "000-000-204"},
        ignition=InIgnition(values={"city": "Opotiki"}),
    ),
    Made(
        "kereru", "Kererū Forestry Limited", "Company",
        (Person("hemi-walker", "Hēmi Walker", "hemi@kereru.example.com", "", "021 555 0105", primary=True),),
        _nz("SH 30", "Murupara", "3025"), partner="callum", manager="mere", elements=_limited(205),
        ignition=InIgnition(linked=False, values={"name": "Kereru Forestry Ltd"}),
    ),
    Made(
        "tui-cafe", "Tūī Café Ltd", "Company",
        (Person("emma-li", "Emma Li", "emma@tuicafe.example.com", "04 555 0106", "", "Emma", primary=True),),
        _nz("18 Cuba Street", "Wellington", "6011"), phone="04 555 0106", partner="callum",
        elements=_limited(206), ignition=InIgnition(),
    ),
    Made(
        "harbourside", "Harbourside Dental Limited", "Company",
        (Person("sione-fifita", "Dr Sione Fifita", "sione@harboursidedental.example.com", "09 555 0107", "",
                "Sione", "Dr S Fifita", primary=True),
         Person("reception-hd", "Reception", "info@harboursidedental.example.com", "09 555 0108")),
        _nz("Level 1, 60 Quay Street", "Auckland", "1010"), _nz("PO Box 1207", "Auckland", "1140"),
        "09 555 0107", "09 555 0109", website="harboursidedental.example.com", partner="callum",
        elements=_limited(207), ignition=InIgnition(without=("reception-hd",)),
    ),
    Made(
        "macdonald", "MacDonald, Fraser", "Individual",
        (Person("fraser-macdonald", "Fraser MacDonald", "fraser@example.com", "", "021 555 0110", primary=True),),
        _nz("5 Thistle Street", "Dunedin", "9016"), registered="No", partner="callum",
        elements={"FirstName": "Fraser", "LastName": "MacDonald", "DateOfBirth": "1979-09-14",
                  "TaxNumber": "000-000-208"},
        ignition=InIgnition(linked=False, values={"name": "Fraser MacDonald"}),
    ),
    Made(
        "southern-lights", "Southern Lights Brewing Ltd", "Company",
        (Person("kate-morris", "Kate Morris", "kate@southernlights.example.com", "03 555 0111", "",
                "Kate", primary=True),
         Person("josh-morris", "Josh Morris", "josh@southernlights.example.com", "03 555 0112")),
        _nz("220 Esk Street", "Invercargill", "9810"), phone="03 555 0111", partner="callum", manager="bronwyn",
        elements=_limited(209),
        ignition=InIgnition(contacts={"josh-morris": {"contact.phone": "03 555 0115"}}),
    ),
    Made(
        "ngaio", "Ngaio Early Learning Centre Inc", "Incorporated Society",
        (Person("ngaio-office", "Office", "office@ngaioelc.example.com", "04 555 0113", primary=True),),
        _nz("44 Kenya Street", "Wellington", "6035"), phone="04 555 0113", registered="No", partner="callum",
        elements={"TaxNumber": "000-000-210"}, ignition=InIgnition(),
    ),
    Made(
        "rangi-super", "Rangi Holdings No 2 Limited", "Company",
        (Person("rangi-cooper", "Rangi Cooper", "rangi@example.com", "", "021 555 0114"),
         Person("rangi-lawyer", "Anahera Law", "files@anaheralaw.example.com", "07 555 0116", position="Solicitor")),
        _nz("12 Victoria Street", "Hamilton", "3204"), partner="callum", elements=_limited(211),
        related={"Shareholder": "rangi-super-trust"},
    ),
    Made(
        "rangi-super-trust", "Rangi Family Trust", "Trust",
        (Person("rangi-cooper", "Rangi Cooper"),), _nz("12 Victoria Street", "Hamilton", "3204"),
        registered="", partner="callum", groups=("Rangi",),
    ),
    Made(
        "bay-kiwifruit", "Bay Kiwifruit Growers Partnership", "Partnership",
        (Person("jo-singh", "Jo Singh", "jo@baykiwifruit.example.com", "07 555 0117", "", "Jo", primary=True),
         Person("harpreet-singh", "Harpreet Singh", "jo@baykiwifruit.example.com", "07 555 0117")),
        _nz("No. 1 Road\nRD 2", "Te Puke", "3182"), phone="07 555 0117", partner="callum", manager="mere",
        elements={"TaxNumber": "000-000-212"}, ignition=InIgnition(values={"postcode": "3119"}),
    ),
    Made(
        "moana-surf", "Moana Surf School", "Sole Trader",
        (Person("moana-hughes", "Moana Hughes", "MOANA@moanasurf.example.com", "", "021 555 0118", primary=True),),
        _nz("Main Beach Road", "Raglan", "3225"), registered="No", partner="callum", manager="mere",
        elements={"FirstName": "Moana", "LastName": "Hughes", "DateOfBirth": "1995-12-03"},
        ignition=InIgnition(contacts={"moana-hughes": {"contact.email": "moana@moanasurf.example.com"}}),
    ),
    Made(
        "glenorchy", "Glenorchy Station Limited", "Company",
        (Person("alistair-reid", "Alistair Reid", "alistair@glenorchy.example.com", "03 555 0119", primary=True),),
        _nz("Glenorchy Road", "Queenstown", "9372"), partner="callum", elements=_limited(213),
        ignition=InIgnition(linked=False),
    ),
    Made(
        "kiwi-kids", "Kiwi Kids Clothing Ltd", "Company",
        (Person("wei-zhang", "Wei Zhang 张伟", "wei@kiwikids.example.com", "", "021 555 0120", primary=True),),
        _nz("7 Mill Road", "Palmerston North", "4410"), partner="callum", elements=_limited(214), archived=True,
    ),
    Made(
        "tamaki", "Tāmaki Makaurau Couriers Ltd", "Company",
        (Person("sefa-leota", "Sefa Leota", "sefa@tmcouriers.example.com", "09 555 0121", "", "Sefa",
                primary=True),),
        _nz("3 Freight Lane", "Manukau", "2104", "Auckland"), phone="09 555 0121", partner="callum",
        elements=_limited(215),
    ),
)  # fmt: skip

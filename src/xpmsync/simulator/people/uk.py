"""Made-up clients from the United Kingdom."""

from __future__ import annotations

from typing import Final

from xpmsync.simulator.people.model import HomeAddress, InIgnition, Made, Person

__all__ = ["UNITED_KINGDOM"]


def _uk(lines: str, city: str, postcode: str, region: str = "") -> HomeAddress:
    return HomeAddress(lines, city, region, postcode, "United Kingdom")


def _limited(number: int, prefix: str = "99") -> dict[str, str]:
    return {
        "CompanyNumber": f"{prefix}{number:0{8 - len(prefix)}d}",
        "TaxNumber": f"00000 00{number:03d}",
        "Type": "14 days",
    }


UNITED_KINGDOM: Final = (
    Made(
        "pemberton", "Pemberton & Sons LLP", "LLP",
        (Person("arthur-pemberton", "Arthur Pemberton", "arthur@pemberton.example.com", "020 7946 0101", "",
                "Arthur", "A Pemberton Esq", primary=True),
         Person("olu-adeyemi", "Olú Adéyẹmí", "olu@pemberton.example.com", "020 7946 0102", "07700 900101",
                "Olu", "")),
        _uk("The Old Counting House\n11 Ledger Lane", "London", "EC3V 0AA"), phone="020 7946 0101",
        fax="020 7946 0103", website="www.pemberton.example.com", elements=_limited(301, "OC99"),
        ignition=InIgnition(values={"name": "Pemberton and Sons LLP"}),
    ),
    Made(
        "llyn", "Llŷn Boat Hire Ltd", "Company",
        (Person("ffion-gruffydd", "Ffion Gruffydd", "ffion@llyn.example.com", "01632 960111", "",
                "Ffion", primary=True),),
        _uk("Yr Hen Gei", "Abersoch", "LL53 7AA", "Gwynedd"), phone="01632 960111", elements=_limited(302),
        ignition=InIgnition(values={"address": "The Old Quay"}),
    ),
    Made(
        "gruffydd", "Ffion Gruffydd", "Individual",
        (Person("ffion-gruffydd", "Ffion Gruffydd"),), _uk("Yr Hen Gei", "Abersoch", "LL53 7AA", "Gwynedd"),
        registered="No", elements={"FirstName": "Ffion", "LastName": "Gruffydd", "DateOfBirth": "1986-02-28"},
        ignition=InIgnition(linked=False),
    ),
    Made(
        "macallister", "MacAllister Farms", "Partnership",
        (Person("morag-macallister", "Morag MacAllister", "morag@macallister.example.com", "01632 960112",
                primary=True),
         Person("iain-macallister", "Iain MacAllister", "iain@macallister.example.com", "01632 960112")),
        _uk("Mains of Glen\nBy Alford", "Aberdeenshire", "AB33 8AA"), phone="01632 960112",
        ignition=InIgnition(without=("iain-macallister",),
                  extra=({"contact.name": "Kirsty MacAllister",
                          "contact.email": "kirsty@macallister.example.com"},)),
    ),
    Made(
        "st-aldhelm", "St Aldhelm's Parochial Charity", "Charity",
        (Person("treasurer-aldhelm", "The Treasurer", "treasurer@aldhelm.example.com", primary=True),),
        _uk("The Vestry, Church Row", "Sherborne", "DT9 3AA", "Dorset"), registered="No",
        ignition=InIgnition(values={"name": "St. Aldhelm’s Parochial Charity"}),
    ),
    Made(
        "bright-spark", "Bright Spark Electrical Ltd", "Company",
        (Person("wayne-hobbs", "Wayne Hobbs", "wayne@brightspark.example.com", "0161 496 0113", "07700 900102",
                "Wayne", primary=True),),
        _uk("Unit 12, Volt Park", "Manchester", "M12 6AA"), phone="0161 496 0113",
        website="http://brightspark.example.com", elements=_limited(303), ignition=InIgnition(),
    ),
    Made(
        "brightspark-solar", "Bright Spark Solar Ltd", "Company",
        (Person("wayne-hobbs", "Wayne Hobbs"),), _uk("Unit 12, Volt Park", "Manchester", "M12 6AA"),
        phone="0161 496 0113", elements=_limited(304), related={"Shareholder": "bright-spark"},
        ignition=InIgnition(linked=False),
    ),
    Made(
        "okonkwo", "Dr Chidi Okonkwo", "Individual",
        (Person("chidi-okonkwo", "Dr Chidi Okonkwo", "chidi@example.com", "", "07700 900103", "Chidi",
                "Dr C Okonkwo", primary=True),),
        _uk("Flat 3\n29 Harley Mews", "London", "W1G 0AA"), registered="No",
        elements={"FirstName": "Chidi", "LastName": "Okonkwo", "DateOfBirth": "1972-08-08"}, ignition=InIgnition(),
    ),
    Made(
        "hedgerow", "Hedgerow Gin Company Limited", "Company",
        (Person("poppy-lane", "Poppy Lane", "poppy@hedgerowgin.example.com", "01632 960114", "", "Poppy",
                primary=True),),
        _uk("The Still House", "Frome", "BA11 1AA", "Somerset"), phone="01632 960114",
        website="hedgerowgin.example.com", elements=_limited(305),
        ignition=InIgnition(values={"phone": "01632 960199", "website": "hedgerow-gin.example.com"}),
    ),
    Made(
        "zielinski", "Zieliński Joinery", "Sole Trader",
        (Person("pawel-zielinski", "Paweł Zieliński", "pawel@zielinski.example.com", "", "07700 900104",
                primary=True),),
        _uk("4 Sawmill Yard", "Leeds", "LS1 1AA"), registered="",
        elements={"FirstName": "Paweł", "LastName": "Zieliński", "DateOfBirth": "1981-04-19"},
        ignition=InIgnition(linked=False, values={"name": "Zielinski Joinery"}),
    ),
    Made(
        "thames-yoga", "Thames Yoga CIC", "Community Interest Company",
        (Person("amara-cole", "Amara Cole", "hello@thamesyoga.example.com", "020 7946 0115", primary=True),),
        _uk("Boathouse 2", "Kingston upon Thames", "KT1 1AA"), phone="020 7946 0115", elements=_limited(306),
        ignition=InIgnition(archived=True),
    ),
    Made(
        "oak-ash", "Oak & Ash Garden Design", "Partnership",
        (Person("nell-ash", "Nell Ash", "studio@oakandash.example.com", "01632 960116"),
         Person("tim-oak", "Tim Oak", "studio@oakandash.example.com", "01632 960116")),
        _uk("The Potting Shed", "Stroud", "GL5 1AA"), phone="01632 960116",
    ),
    Made(
        "harbour-fish", "Harbour Fish & Chips (Whitby) Ltd", "Company",
        (Person("ken-dale", "Ken Dale", "ken@harbourfish.example.com", "01632 960117", primary=True),),
        _uk("1 Pier Road", "Whitby", "YO21 3AA", "North Yorkshire"), phone="01632 960117",
        elements=_limited(307), ignition=InIgnition(linked=False, values={"name": "Harbour Fish and Chips Ltd"}),
    ),
    Made(
        "caledonian-optics", "Caledonian Optics plc", "Public Company",
        (Person("isla-fraser", "Isla Fraser", "isla@caloptics.example.com", "0131 496 0118", "", "Isla",
                "", "Finance Director", primary=True),),
        _uk("Prism House", "Edinburgh", "EH3 9AA"), phone="0131 496 0118", elements=_limited(308, "SC99"),
        manager="bronwyn", ignition=InIgnition(),
    ),
    Made(
        "fenwick", "Fenwick Estate (Will Trust of the late A Fenwick)", "Estate",
        (Person("fenwick-executor", "Rowan Fenwick", "rowan@example.com", "0191 498 0119"),),
        _uk("Fenwick Hall", "Hexham", "NE46 1AA", "Northumberland"), registered="",
    ),
    Made(
        "tide-table", "Tide Table Restaurant Ltd", "Company",
        (Person("elowen-penrose", "Elowen Penrose", "elowen@tidetable.example.com", "01632 960120",
                primary=True),),
        _uk("Harbour Steps", "St Ives", "TR26 1AA", "Cornwall"), phone="01632 960120", elements=_limited(309),
    ),
    Made(
        "north-star", "North Star Haulage Ltd", "Company",
        (Person("gareth-bowen", "Gareth Bowen", "gareth@northstar.example.com", "029 2018 0121",
                primary=True),),
        _uk("Dock Road", "Cardiff", "CF10 1AA"), phone="029 2018 0121", elements=_limited(310),
        ignition=InIgnition(values={"structure": "Limited company", "group": "Transport"}),
    ),
)  # fmt: skip

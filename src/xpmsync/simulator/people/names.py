"""Name parts for generated clients. Any person or firm of such a name is a coincidence."""

from __future__ import annotations

from typing import Final

from xpmsync.simulator.people.model import Place

__all__ = ["COUNTRIES", "FIRST_NAMES", "LAST_NAMES", "STREETS", "TOWNS", "TRADES", "WORDS"]

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

TOWNS: Final[dict[str, tuple[Place, ...]]] = {
    "Australia": (
        Place("", "Parramatta", "NSW", "2150"), Place("", "Maitland", "NSW", "2320"),
        Place("", "Geelong", "VIC", "3220"), Place("", "Bendigo", "VIC", "3550"),
        Place("", "Toowoomba", "QLD", "4350"), Place("", "Cairns", "QLD", "4870"),
        Place("", "Fremantle", "WA", "6160"), Place("", "Mount Gambier", "SA", "5290"),
        Place("", "Launceston", "TAS", "7250"), Place("", "Darwin", "NT", "0800"),
    ),
    "New Zealand": (
        Place("", "Auckland", "", "1010"), Place("", "Whangārei", "Northland", "0110"),
        Place("", "Ōtaki", "", "5512"), Place("", "Taupō", "Waikato", "3330"),
        Place("", "Christchurch", "Canterbury", "8011"), Place("", "Dunedin", "Otago", "9016"),
        Place("", "Nelson", "", "7010"), Place("", "Invercargill", "Southland", "9810"),
    ),
    "United Kingdom": (
        Place("", "London", "", "EC3V 0AA"), Place("", "Leeds", "West Yorkshire", "LS1 1AA"),
        Place("", "Cardiff", "", "CF10 1AA"), Place("", "Edinburgh", "", "EH3 9AA"),
        Place("", "Truro", "Cornwall", "TR1 1AA"), Place("", "Hexham", "Northumberland", "NE46 1AA"),
        Place("", "Norwich", "Norfolk", "NR1 1AA"), Place("", "Belfast", "", "BT1 1AA"),
    ),
}  # fmt: skip

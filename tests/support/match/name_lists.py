"""Four disjoint worlds of made-up names, all looked at by now: the matcher is tuned on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NameLists:
    """The words one world is made of. `short_forms` pairs given names with their everyday form."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    short_forms: dict[str, str]
    near: tuple[tuple[str, str], ...]
    """Names of brothers and sisters that differ by a letter."""
    surnames: tuple[str, ...]
    surname_parts: tuple[tuple[str, ...], tuple[str, ...]]
    firm_words: tuple[str, ...]
    trades: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str, str], ...]
    """Town, region, postcode."""


def words(text: str) -> tuple[str, ...]:
    """Words parted by blanks."""
    return tuple(text.split())


def pairs(text: str) -> dict[str, str]:
    """Pairs of words, each `one:other`."""
    return {full: short for full, _, short in (pair.partition(":") for pair in text.split())}


def towns(text: str) -> tuple[tuple[str, str, str], ...]:
    """Towns, each on a line of its own: town, region, postcode."""
    lines = [line.strip().split(", ") for line in text.strip().splitlines()]
    return tuple((town, region, postcode) for town, region, postcode in lines)


TUNING: Final = NameLists(
    women=words(
        """
        Margaret Susan Jennifer Helen Elizabeth Patricia Catherine Deborah Christine Anne Karen Julie Michelle Lisa
        Nicole Rebecca Sarah Jessica Emma Olivia Charlotte Amelia Grace Ruby Priya Aisha Mei Aroha Ngaire Siobhan
        Bronwyn Danielle Joanne Leanne Tracey Sharon Wendy Heather Kerry Samantha Alexandra Ebony Saffron Katarina
        """
    ),
    men=words(
        """
        John David Michael Peter Robert Stephen Paul Andrew Mark Christopher Anthony William James Thomas Daniel
        Matthew Joshua Benjamin Samuel Jack Lachlan Cooper Hamish Wiremu Tane Rajesh Arjun Wei Ahmed Stavros
        Gregory Kenneth Geoffrey Ronald Raymond Douglas Russell Nicholas Timothy Edward Harold Leonard Zebulon Florian
        """
    ),
    short_forms=pairs(
        """
        Margaret:Maggie Susan:Sue Jennifer:Jenny Elizabeth:Liz Patricia:Trish Catherine:Cathy Deborah:Deb
        Christine:Chris Rebecca:Bec Jessica:Jess Samantha:Sam Alexandra:Alex John:Jack David:Dave Michael:Mike
        Robert:Bob Stephen:Steve Andrew:Andy Christopher:Chris Anthony:Tony William:Bill James:Jim Thomas:Tom
        Daniel:Dan Matthew:Matt Joshua:Josh Benjamin:Ben Samuel:Sam Gregory:Greg Kenneth:Ken Geoffrey:Geoff
        Ronald:Ron Raymond:Ray Douglas:Doug Nicholas:Nick Timothy:Tim Edward:Ted Leonard:Len
        """
    ),
    near=tuple(
        pairs("Hayden:Jayden Maria:Marie Eric:Erica Jean:Joan Tia:Mia Lara:Lana Paul:Paula Tristin:Kristin").items()
    ),
    surnames=words(
        """
        Smith Jones Williams Brown Wilson Taylor Nguyen Johnson Martin White Anderson Walker Thompson Thomas Lee Harris
        Ryan Robinson Kelly King Campbell Wright O'Brien McDonald Singh Chen Papadopoulos Rossi Tamihana Ngata Kaur
        Fernandez Schmidt Petrov Hughes-Price Fitzgerald MacKenzie Sullivan Whaanga Nandan
        """
    ),
    surname_parts=(
        words("Ash Bar Car Dun El Fair Glen Har Kes Lang Mar Nor Pem Rad Stan Thorn Wal Win Hol Brad"),
        words("bury combe den field ford ham ington ley man more ridge shaw ton wick worth"),
    ),
    firm_words=words(
        """
        Harbour Summit Coastal Southern Acacia Banksia Bluegum Kauri Pōhutukawa Tūī Ironbark Redgum Wattle Pinnacle
        Horizon Lighthouse Meridian Northstar Granite Copper Silver Falcon Osprey Kingfisher Platypus Wombat Sunrise
        Evergreen Riverbend Lakeside Hilltop Seaview Parkside Crossroads Anchor Compass Beacon Cornerstone Keystone
        """
    ),
    trades=words(
        """
        Plumbing Electrical Building Landscaping Consulting Holdings Investments Transport Engineering Cafe Dental
        Design Joinery Concreting Properties Farming Motors Painting Physio Accounting
        """
    ),
    streets=words(
        """
        Wattle Station Church High Victoria Albert King Queen Park Mill River Bridge Beach Ocean Forest Hill Valley
        Garden Orchard Chapel Elizabeth George William Macquarie Phillip Hunter Banks Cook Flinders Bass
        """
    ),
    towns=towns(
        """
        Willowmere, NSW, 2991
        Port Clarence, NSW, 2992
        Ashgrove Heights, QLD, 4992
        Gumdale Flat, VIC, 3991
        Lower Brindle, VIC, 3992
        Kauri Point, Auckland, 0991
        Te Awanui, Bay of Plenty, 3199
        St Brannock, Devon, EX99 1AA
        Saltmarsh, SA, 5991
        Redcliff Bay, WA, 6991
        """
    ),
)

MEASURING: Final = NameLists(
    women=words(
        """
        Barbara Kathleen Dorothy Judith Rosemary Pamela Victoria Suzanne Jacqueline Kimberley Melissa Amanda Stephanie
        Natalie Katherine Vanessa Georgina Philippa Frances Beverley Maryanne Hinemoa Marama Anahera Divya Lakshmi
        Xiaoli Yuki Fatima Oonagh Eilidh Cerys Zsofia Allegra Marigold Tallulah Isolde Rhiannon Lynette Gillian Teresa
        """
    ),
    men=words(
        """
        Richard Charles Joseph Patrick Alexander Jonathan Phillip Frederick Lawrence Terence Malcolm Stuart Bradley
        Jeffrey Rodney Trevor Vincent Zachary Maxwell Theodore Gerard Desmond Clifford Rawiri Tamati Matiu Kiran
        Vikram Junichi Hao Tariq Dimitrios Ciaran Iestyn Lorcan Barnaby Tarquin Ptolemy Evander Dashiell Alan Neville
        """
    ),
    short_forms=pairs(
        """
        Barbara:Barb Kathleen:Kath Judith:Judy Rosemary:Rose Pamela:Pam Victoria:Vicki Suzanne:Sue Jacqueline:Jackie
        Kimberley:Kim Melissa:Mel Amanda:Mandy Stephanie:Steph Natalie:Nat Katherine:Kate Georgina:Georgie
        Philippa:Pip Frances:Fran Beverley:Bev Lynette:Lyn Gillian:Gill Teresa:Terry Richard:Rick Charles:Charlie
        Joseph:Joe Patrick:Pat Alexander:Alex Jonathan:Jon Phillip:Phil Frederick:Fred Lawrence:Larry Terence:Terry
        Malcolm:Mal Bradley:Brad Jeffrey:Jeff Rodney:Rod Trevor:Trev Vincent:Vin Zachary:Zac Maxwell:Max Theodore:Theo
        Desmond:Des Alan:Al
        """
    ),
    near=tuple(
        pairs(
            "Brayden:Grayden Lea:Leah Carla:Karla Tina:Nina Ella:Bella Shaun:Shauna Zoltan:Zoltana Davin:Davina"
        ).items()
    ),
    surnames=words(
        """
        Evans Davies Roberts Patel Clark Clarke Lewis Hall Young Allen Mitchell Turner Phillips Carter Cooper Morris
        Murphy Cook Rogers Reid Stewart Bell Murray Wood Wang Zhang Tran Pham Kumar Sharma Moana Parata Tūwhare
        O'Sullivan McGregor Van-Dyk DeSouza Kowalski Haddad Lindqvist Baker-Finch Tanaka
        """
    ),
    surname_parts=(
        words("Hather Ald Beck Crom Dray Eg Frob Gos Hal Ink Jar Kil Led Mel Nether Os Pres Quen Ross Tre Ux Ver Wen"),
        words("by borough dale ditch eaves gate hurst keld lowe march ness over penny royd sall thwaite vale well"),
    ),
    firm_words=words(
        """
        Cobalt Juniper Magnolia Waratah Jarrah Rimu Tōtara Kōwhai Pūkeko Kererū Bandicoot Magpie Lorikeet Cedar Willow
        Basalt Amber Topaz Zenith Vertex Apex Cascade Estuary Peninsula Lagoon Foothills Moorland Heathland Trident
        Argonaut Mariner Voyager Pioneer Frontier Outback Tableland Clifftop Millstone Bellbird
        """
    ),
    trades=words(
        """
        Roofing Carpentry Catering Logistics Surveying Interiors Nominees Enterprises Trading Veterinary Printing
        Bakery Fencing Welding Tiling Earthmoving Photography Recruitment Haulage Orchards
        """
    ),
    streets=words(
        """
        Jacaranda Railway Princes Alexandra Churchill Wellington Nelson Market Castle Spring Lake Meadow Pine Cedar
        Elm Oak Maple Poplar Rose Kent Sussex Essex Surrey York Lancaster Stirling Perth Ross Drake Raleigh
        """
    ),
    towns=towns(
        """
        Thornbrook, NSW, 2981
        Cape Merrow, NSW, 2982
        Bilby Creek, QLD, 4982
        Mount Hazel, VIC, 3981
        Upper Tallow, TAS, 7981
        Rimu Valley, Wellington, 5981
        Ōhauiti Springs, Canterbury, 7982
        Great Wenlow, Kent, TN99 2BB
        Copperfield, SA, 5982
        Quondong, WA, 6982
        """
    ),
)

FRESH: Final = NameLists(
    women=words(
        """
        Miriam Penelope Rosalind Harriet Beatrice Imogen Cordelia Winifred Eleanor Josephine Matilda Annabel Constance
        Gwendolyn Rosalie Lorraine Maureen Yvonne Glenys Carmel Noeline Pauline Ingrid Astrid Sunniva Ngozi Adaeze
        Thuy Linh Sunita Kavita Parisa Leilani Mereana Aroha-Rose Kahurangi Saoirse Aoife Branwen Ottilie Verity
        """
    ),
    men=words(
        """
        Albert Walter Stanley Norman Clive Graham Bernard Cecil Hubert Oswald Sebastian Nathaniel Augustus Gabriel Felix
        Hugo Rupert Angus Callum Fergus Struan Tobias Jasper Caspian Lennox Emeka Chidi Duc Khoa Anil Sandeep Farhad
        Kaleo Hemi Rangi Tipene Oisin Cormac Emrys Leopold Ambrose
        """
    ),
    short_forms=pairs(
        """
        Miriam:Mim Penelope:Penny Rosalind:Ros Harriet:Hattie Beatrice:Bea Winifred:Win Eleanor:Ellie Josephine:Josie
        Matilda:Tilly Annabel:Bel Constance:Connie Gwendolyn:Gwen Lorraine:Lorri Maureen:Mo Yvonne:Von Albert:Bert
        Walter:Wally Stanley:Stan Norman:Norm Bernard:Bernie Sebastian:Seb Nathaniel:Nate Augustus:Gus Gabriel:Gabe
        Tobias:Toby Leopold:Leo
        """
    ),
    near=tuple(
        pairs("Kayden:Zayden Nora:Cora Rory:Cory Hana:Hanna Mina:Nina Ariel:Uriel Marlin:Merlin Elin:Erin").items()
    ),
    surnames=words(
        """
        Edwards Green Hughes Watson Walsh Bennett Gray Simpson Marshall Fraser Grant Hamilton Henderson Hunter Kerr Lowe
        Zheng Liu Huang Le Vo Sandhu Dhillon Gupta Rangi Tawhai Hohepa Pōtae O'Keefe MacAllister Ter-Borg DaSilva
        Nowicki Aboud Bergström Finch-Hatton Mori Okafor Eze Hosseini
        """
    ),
    surname_parts=(
        words("Arn Brim Cald Dov Elm Fern Grim Hax Ib Jed Kest Lorn Mag Nid Ock Pol Rush Sed Thrap Ut Vex Wax Yar"),
        words("acre beck combe den ell firth grave holt ick land mere nock oak port rigg stead thorp ward worth"),
    ),
    firm_words=words(
        """
        Saffron Indigo Crimson Lupin Tussock Mānuka Ponga Kākāpō Weka Miromiro Numbat Quokka Bettong Currawong Brolga
        Larch Rowan Obsidian Marble Quartz Escarpment Gable Jetty Harbourside Isthmus Fjord Savanna Zodiac Solstice
        Equinox Astrolabe Mizzen Lantern Sextant Lodestar Windmill Sawmill Coolabah Paperbark Grevillea
        """
    ),
    trades=words(
        """
        Glazing Upholstery Brewing Freight Drafting Cabinetry Ventures Partners Imports Optometry Publishing Butchery
        Paving Fabrication Rendering Excavations Illustration Staffing Couriers Vineyards
        """
    ),
    streets=words(
        """
        Bottlebrush Depot Queens Adelaide Gladstone Marlborough Rodney Chapelgate Tower Well Harbour Field Larch Ash
        Birch Chestnut Aspen Lily Norfolk Suffolk Dorset Devon Bath Dundee Aberdeen Melville Bligh Tasman Flindersia
        Hume
        """
    ),
    towns=towns(
        """
        Fernhollow, NSW, 2971
        Port Ellery, NSW, 2972
        Emu Crossing, QLD, 4972
        Lake Tarrant, VIC, 3971
        Lower Myrtle, TAS, 7971
        Nīkau Flat, Wellington, 5971
        Te Ruru, Otago, 9972
        Little Hensley, Surrey, GU99 3CC
        Ironbark, SA, 5972
        Boranup Siding, WA, 6972
        """
    ),
)
"""Made for one measurement; looked at since, and tuned on."""

UNSEEN: Final = NameLists(
    women=words(
        """
        Morwenna Isolde-May Ffion Angharad Catrin Mhairi Ailsa Iona Morag Heather-Ann Gwyneth Deirdre Orla Sinead
        Bernice Prudence Hilary Jocelyn Marguerite Henrietta Clementine Araminta Fenella Tabitha Saffi Ranginui-May
        Te-Ao Ngahuia Huia Losaline Mele Salote Amelita Fatuma Nasreen Shabana Rukhsana Harpreet Meenakshi Xiuying
        Yanling Noriko Soraya
        """
    ),
    men=words(
        """
        Gareth Hywel Rhodri Aled Gwilym Alasdair Ruaridh Euan Fraser-John Torquil Seamus Padraig Declan-Paul Crispin
        Montague Algernon Percival Reginald Wilfred Humphrey Rodger Everard Sefa Tevita Manu Viliami Sione-Paul Tama
        Wirihana Te-Rangi Koro Farooq Imran Bilal Jagdeep Venkatesh Subramaniam Xiaoming Weiguo Kenji Dragan Miroslav
        Anastasios
        """
    ),
    short_forms=pairs(
        """
        Gareth:Gaz Reginald:Reg Wilfred:Wilf Percival:Percy Montague:Monty Humphrey:Humph Henrietta:Hetty
        Clementine:Clem Prudence:Prue Marguerite:Margot Jocelyn:Joss Hilary:Hil Bernice:Bern Rodger:Rodge
        Anastasios:Tasos Harpreet:Harps Crispin:Cris Deirdre:Dee Tabitha:Tabby Venkatesh:Venky Viliami:Vili
        """
    ),
    near=tuple(
        pairs("Jayla:Kayla Tane:Tana Aria:Arla Macy:Lacy Bryn:Brin Kian:Cian Dilys:Dylis Rowen:Rowan Suki:Yuki").items()
    ),
    surnames=words(
        """
        Griffiths Rees Llewellyn Pritchard Bevan Sutherland Sinclair Buchanan Drummond Farquharson McAllum MacInnes
        O'Rourke O'Dwyer Hargreaves Ramsbottom Whitaker Ainsworth Bickerstaff Tuilagi Fonoti Taufa Vea Latu Te-Whata
        Paki Kereama Iqbal Chaudhry Qureshi Bhatt Reddy Nair Xu Ho Ma Park-Jones Jovanović Abernethy-Wells Van-Rensburg
        Du-Plessis Botha
        """
    ),
    surname_parts=(
        words("Bram Cotter Eaves Fal Gar Heck Ing Kirk Mos Oax Pad Rip Skel Tad Ulver Whit Yel Zeal"),
        words("bourne brook by-sea cote croft dean fold gill hope hythe lea mouth pool rick shaw sted toft wick wold"),
    ),
    firm_words=words(
        """
        Harakeke Kahikatea Tawa Pāua Tōrea Kākā Mātai Pounamu Whetū Moana-Nui Lyrebird Dugong Barramundi Yabby Spinifex
        Boronia Mallee Gidgee Thistle Heather Bramble Hawthorn Curlew Puffin Gannet Slate Flint Tor Fell Loch Glen Skye
        Trinity Regent Sovereign Crown Belvedere Millrace Turnpike Cobblestone Boathouse Anvil Foundry-Lane
        """
    ),
    trades=words(
        """
        Dairying Shearing Agronomy Aquaculture Podiatry Audiology Osteopathy Paediatrics Anaesthetics Chiropractic
        Nannies Copywriting Podcasting Gaming Analytics Cybersecurity Scaffolding Bricklaying Drainlaying Stonemasons
        """
    ),
    streets=words(
        """
        Ponsonby Dominion Remuera Karangahape Cuba Tinakori Papanui Riccarton Colombo Lichfield Sauchiehall Princes-Park
        Gallowgate Deansgate Piccadilly Shambles Steep Friar Vicarage Rectory Manse Kirkgate Wharf Quay Dock Orchid
        Fuchsia Jasmine Bluebell Foxglove
        """
    ),
    towns=towns(
        """
        Kirkwhistle, Cumbria, CA99 4DD
        Llanfadog, Gwynedd, LL99 5EE
        Inverlochan, Highland, IV99 6FF
        Nether Bagley, Devon, EX99 7GG
        Waipōhatu, Northland, 0961
        Kahawai Bay, Bay of Plenty, 3961
        Mākara Heights, Southland, 9861
        Mount Tarrawonga, NSW, 2961
        Gulgoa West, QLD, 4961
        St Bevan, VIC, 3961
        """
    ),
)
"""Made for one measurement after all tuning (Wales, Scotland, the Pacific, South Asia); looked at since."""

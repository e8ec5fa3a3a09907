"""A fifth world of made-up names, to measure the matcher on once, after all tuning.

Ireland, the Netherlands and South Africa, the Philippines, Korea, Italy, Greece, Lebanon, Fiji and Tonga, and plain
names of New Zealand and Australia with other short forms than the first four lists have.
"""

from __future__ import annotations

from typing import Final

from support.match.name_lists import NameLists, pairs, towns, words

FIFTH: Final = NameLists(
    women=words(
        """
        Caoimhe Niamh-Marie Grainne Roisin Bridget Johanna Wilhelmina Annelise Marijke Corazon Rosario Milagros
        Maria-Luz Soo-Jin Ji-Yeon Hye-Rin Francesca Giovanna Concetta Vasiliki Dimitra Despina Georgette Nour Rania
        Litia Mereseini Adi-Kuini Ofa Sela-Ana Raewyn Cheryl Sharyn Debbie-Lee Jillian Merryn Bernadette Kristen
        Claudette Maree Glenda Robyn Philomena
        """
    ),
    men=words(
        """
        Diarmuid Eoghan Cathal Fintan Bartholomew Hendrik Cornelis Johannes Pieter Willem Ferdinand Emmanuel Rodrigo
        Crisanto Jose-Maria Min-Jun Seung-Ho Dong-Hyun Giuseppe Salvatore Domenico Carmelo Konstantinos Panagiotis
        Athanasios Elias Antoun Charbel Ratu-Epeli Waisale Josefa Semisi Siaosi Warwick Murray-John Darryl Brendon
        Lindsay Ashley Mervyn Brent Glynn
        """
    ),
    short_forms=pairs(
        """
        Bridget:Bridie Johanna:Hanna Wilhelmina:Mina Corazon:Cora Rosario:Charo Francesca:Fran Giovanna:Gio
        Vasiliki:Vicki Dimitra:Dimi Georgette:Gigi Mereseini:Mere Raewyn:Rae Cheryl:Chez Jillian:Jill Bernadette:Bernie
        Philomena:Phil Maree:Maz Claudette:Claud Robyn:Rob Bartholomew:Bart Hendrik:Henk Cornelis:Kees Johannes:Hannes
        Willem:Wim Ferdinand:Ferdie Emmanuel:Manny Rodrigo:Rod Crisanto:Cris Giuseppe:Joe Salvatore:Sal Domenico:Dom
        Konstantinos:Kon Panagiotis:Pana Athanasios:Thanos Antoun:Tony Semisi:Semi Warwick:Waz Darryl:Daz Brendon:Bren
        Mervyn:Merv Diarmuid:Derm
        """
    ),
    near=tuple(
        pairs(
            "Kyra:Myra Alina:Elina Remy:Romy Nico:Rico Maya:Kaya Lena:Lina Milan:Dilan Rosa:Rose Darren:Warren"
        ).items()
    ),
    surnames=words(
        """
        Barker Hodgson Pickering Whitehead Jenkins Holloway Kavanagh Brennan Gallagher MacCarthy O'Donoghue O'Shea
        Van-Der-Merwe DeVries Jansen Pretorius Coetzee Santos Reyes Bautista Dela-Cruz Villanueva Kim Choi Yoon Jung
        Romano Esposito Ferraro DiStefano Papadakis Georgiou Konstantinidis Khoury Nassar El-Hage Waqa Naidu Prasad
        Tupou Fifita Moala Harding-Lowe Dixon Burgess Poole
        """
    ),
    surname_parts=(
        words(
            "Aller Bex Chol Dipp Ever Foul Gren Hock Ips Jud Kelv Lutter Moul Nun Orle Pick Quar Ruis Stret Tarr Wyke"
        ),
        words("bere burn cliffe combs don ey fleet garth ham-on-sea hurst leigh minster moor ness over rith stone wyn"),
    ),
    firm_words=words(
        """
        Shamrock Claddagh Tulip Windhoek Protea Springbok Sampaguita Narra Mabuhay Hanbok Dokdo Vesuvius Etna Aegean
        Meltemi Cypress Byblos Nadi Suva Vavau Tapa Kava Frangipani Totara-Park Rata Huka Southerly Drover Swagman
        Stockyard Tinder Ember Cinder Prism Vector Delta Orbit Comet Nimbus Stratus Bellwether
        """
    ),
    trades=words(
        """
        Fisheries Bookkeeping Removals Refrigeration Signage Plastering Locksmiths Arborists Beekeeping Saddlery
        Ceramics Tutoring Translations Homewares Gelato Delicatessen Shipping Quarrying Acoustics Robotics
        """
    ),
    streets=words(
        """
        Parnell Grattan Emmet Dame Herengracht Keizer Voortrekker Rizal Mabini Bonifacio Gangnam Itaewon Garibaldi
        Mazzini Athinas Ermou Hamra Corniche Cakobau Thurston Taufaahau Salote Carnarvon Esplanade-North Racecourse
        Cemetery Showground Quarry Brewery Tannery
        """
    ),
    towns=towns(
        """
        Ballinacrea, County Clare, V99 A1B2
        Kilmorran, County Cork, T99 C3D4
        Nieuwdijk, Zeeland, 4399 ZZ
        Vaalkrans, Western Cape, 7999
        San Amaro, Batangas, 4299
        Kororā Bay, Northland, 0179
        Lower Waitawa, Manawatū, 4989
        Wattle Junction, NSW, 2951
        Point Selwyn, SA, 5951
        Cooinda Springs, NT, 0951
        """
    ),
)
"""Written before the tuning that it measures; the matcher is run on it once, at the end."""

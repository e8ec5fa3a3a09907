"""A sixth world of made-up names, to measure the matcher on once, after all tuning.

Plain British, Irish, Australian and New Zealand names with everyday short forms, and Māori, Samoan, Chinese, Indian,
Sri Lankan, Vietnamese, Iranian, Egyptian, Polish, Croatian, Brazilian and South African names beside them.
"""

from __future__ import annotations

from typing import Final

from support.match.name_lists import NameLists, pairs, towns, words

SIXTH: Final = NameLists(
    women=words(
        """
        Deborah Rosemary Margaret Elizabeth Patricia Kathleen Susannah Heather Lynette Judith Christine Victoria
        Jacqueline Alexandra Rebecca Samantha Penelope Gwendoline Charlotte Stephanie Eleanor Josephine Siobhan
        Belinda Sarah-Jane Ngaire Hinemoa Marama Sina Losa Vivian Xiaoling Mei-Fang Priyanka Jaswinder Dilrukshi
        Thu-Trang Bich-Ngoc Shahrzad Mariam Malgorzata Katarzyna Snjezana Fernanda Nomvula Elsabe
        """
    ),
    men=words(
        """
        Theodore Christopher Nicholas Alexander Frederick Reginald Terence Lawrence Anthony Jonathan Benjamin Zachary
        Gregory Leonard Alasdair Desmond Russell Geoffrey Nathaniel Raymond Graeme Douglas Maxwell Callum Gareth
        Wiremu Tamati Hohepa Tavita Ioane Kelvin Jian-Guo Harpreet Venkatesh Nuwan Chaminda Quoc-Bao Behrouz
        Mohammad-Reza Youssef Wojciech Zvonimir Tomislav Eduardo Thabo Gerhardus
        """
    ),
    short_forms=pairs(
        """
        Deborah:Debs Rosemary:Rosie Margaret:Peggy Elizabeth:Libby Patricia:Trish Kathleen:Kath Susannah:Sukie
        Lynette:Lyn Judith:Jude Christine:Chrissie Victoria:Tori Jacqueline:Jacqui Alexandra:Lexie Rebecca:Bex
        Samantha:Sam Penelope:Penny Gwendoline:Gwen Charlotte:Lottie Stephanie:Steph Eleanor:Nell Josephine:Josie
        Belinda:Bindy Priyanka:Priya Malgorzata:Gosia Katarzyna:Kasia Fernanda:Nanda Theodore:Ted Christopher:Topher
        Nicholas:Nick Alexander:Sandy Frederick:Fred Reginald:Reg Terence:Tel Lawrence:Larry Jonathan:Jonty
        Zachary:Zac Desmond:Des Russell:Rusty Geoffrey:Geoff Nathaniel:Nat Maxwell:Max Venkatesh:Venky Wojciech:Wojtek
        Eduardo:Edu
        """
    ),
    near=tuple(
        pairs("Jean:Joan Dean:Sean Kerry:Terry Tina:Gina Amit:Ajit Jana:Dana Jason:Mason Holly:Molly Erin:Eric").items()
    ),
    surnames=words(
        """
        Smith Jones Taylor Wilson Thompson Robinson Hughes Edwards Cooper Marsh Fletcher Atkinson Lockwood Pritchard
        Sheridan Whitaker McKenzie MacDougall McAllister O'Connor O'Sullivan Fitzpatrick Mahoney Llewellyn Ross-Murray
        Parker-Hill Bennett-Shaw Hollis-Grey Ngata Parata Tamihana Te-Whaiti Leota Tuilagi Faleafa Wang Chen Liu Zhou
        Leung Patel Singh Sharma Krishnan Perera Jayasuriya Wickramasinghe Nguyen Tran Pham Hosseini Karimi Rostami
        Boutros Mansour Kowalski Nowak Wisniewski Horvat Jurkovic Babich Oliveira DaSilva De-Souza Dlamini
        Van-Niekerk DeWet Botha
        """
    ),
    surname_parts=(
        words(
            "Ather Brad Cald Dray Elms Fenni Gains Hart Ing Kett Lang Mar Nether Oak Pem Rad Shaw Thorn Up Whit Yarl"
        ),
        words("acre beck bridge by cott croft dale den field ford gate holme ington land mere shaw ton well wick wood"),
    ),
    firm_words=words(
        """
        Pohutukawa Kowhai Rimu Tui Kereru Manuka Pounamu Southern-Cross Harbourside Ridgeline Riverbend Northgate
        Wattle Banksia Jacaranda Kookaburra Billabong Ironbark Coastline Hinterland Pennine Cotswold Severn Mersey
        Thistle Heathland Oakfield Beacon Anchor Keystone Summit Pinnacle Horizon Apex Evergreen Bluebird Lotus
        Jade Saffron Cedar-Grove Adriatic Copper Trinity
        """
    ),
    trades=words(
        """
        Plumbing Electrical Roofing Landscaping Joinery Cafe Bakery Haulage Scaffolding Motors Physiotherapy Dental
        Cleaning Painting Tiling Earthmoving Hairdressing Catering Flooring Consulting
        """
    ),
    streets=words(
        """
        Victoria High Church Station Queen George Albert Nelson Beach Mill Park Kauri Rimu Tainui Hobson Selwyn
        Macquarie Bourke Collins Flinders Elizabeth Lonsdale Acacia Sycamore Chestnut Hawthorn Wellesley Gladstone
        Orchard Riverview
        """
    ),
    towns=towns(
        """
        Waimarino Heights, Auckland, 0699
        Te Kōwhai Bay, Bay of Plenty, 3199
        Glenmoray, Canterbury, 7699
        Port Hinau, Tasman, 7099
        Murrumbeen, VIC, 3199
        Yarralong, QLD, 4599
        Karringal Park, WA, 6199
        Upper Thornwick, Surrey, GU99 4QX
        Castlebeck, West Yorkshire, LS99 7TD
        Inverlaggan, Perthshire, PH99 2RB
        """
    ),
)
"""Written before the tuning that it measures; the matcher is run on it once, at the end."""

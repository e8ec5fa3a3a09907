"""The mapping between the catalogue's names and what an MCP server may call them. All of it is data.

Words are folded (`schema.fold`); the first one a schema has is taken. To
teach the route another spelling, add a word here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Words = tuple[str, ...]

TOOLS: Final[Words] = (
    *("listclients", "getclient", "createclient", "updateclient"),
    *("addcontact", "updatecontact", "getpracticeinfo"),
)
"""The tools that the route uses; no other is looked at."""

CLIENT_WORDS: Final[Mapping[str, Words]] = {
    "name": ("name", "clientname"),
    "phone": ("phone", "phonenumber", "clientphone", "telephone"),
    "fax": ("fax", "faxnumber"),
    "website": ("website", "websiteurl"),
    "tax_registered": ("gstregistered", "taxregistered", "vatregistered", "isgstregistered", "istaxregistered"),
    "structure": ("businessstructure", "companystructure", "structure"),
    "group": ("clientgroupname", "groupname", "clientgroup", "group"),
}
"""A client's own values; its addresses are below."""

CONTACT_WORDS: Final[Mapping[str, Words]] = {
    "contact.name": ("name", "fullname", "contactname"),
    "contact.email": ("email", "emailaddress", "contactemail"),
    "contact.phone": ("phone", "phonenumber", "telephone", "contactphone"),
    "contact.mobile": ("mobile", "mobilephone", "mobilenumber", "cellphone", "contactmobile"),
    "contact.salutation": ("salutation", "contactsalutation"),
    "contact.addressee": ("addressee", "contactaddressee"),
    "contact.position": ("position", "jobtitle"),
    "contact.primary": ("isprimary", "primary", "isprimarycontact", "primarycontact"),
}
"""A contact's values."""


@dataclass(frozen=True, slots=True)
class AddressNames:
    """One of the two addresses: what an object that holds it is called, what its kind and its flat values begin with.

    `prefix` is the catalogue's own.
    """

    prefix: str
    objects: Words
    kinds: Words
    flat: Words


ADDRESSES: Final = (
    AddressNames(
        "",
        ("physicaladdress", "address", "streetaddress", "businessaddress"),
        ("physical", "street", "business"),
        ("", "physical", "physicaladdress", "address", "street"),
    ),
    AddressNames(
        "postal_",
        ("postaladdress", "mailingaddress"),
        ("postal", "mailing"),
        ("postal", "postaladdress", "mailing", "mailingaddress"),
    ),
)
"""The physical and the postal address."""

PARTS: Final[Mapping[str, Words]] = {
    "address": ("address", "street", "streetaddress", "line", "lines", "addressline", "addresslines"),
    "city": ("city", "suburb", "town", "locality"),
    "region": ("region", "state", "province", "county"),
    "postcode": ("postcode", "postalcode", "zip", "zipcode"),
    "country": ("country", "countrycode", "countryname"),
}
"""The parts of an address; `state` beside the client's own values is the client's state, never a region."""

LINES: Final[tuple[Words, ...]] = tuple(
    (f"line{n}", f"addressline{n}", f"address{n}", f"street{n}", f"streetaddress{n}") for n in range(1, 5)
)
"""An address given line by line."""

KIND: Final[Words] = ("type", "kind", "addresstype")
"""What says which address an entry of a list is."""

LISTS_OF_ADDRESSES: Final[Words] = ("addresses",)

CONTACTS: Final[Words] = ("contacts", "clientcontacts")
PRIMARY_CONTACT: Final[Words] = ("primarycontact", "contact", "maincontact")
PRIMARY_CONTACT_ID: Final[Words] = ("primarycontactid",)
"""Where a client's people are: all of them, the one that is primary, or its id."""

_WRAPPERS: Final[Words] = ("attributes", "changes", "fields", "data", "input", "params", "updates")
CLIENT_WRAPPERS: Final[Words] = ("client", *_WRAPPERS)
CONTACT_WRAPPERS: Final[Words] = ("contact", *_WRAPPERS)
"""Objects that hold all the values of a record beside its id."""

CLIENT_ID: Final[Words] = ("clientid", "id", "client", "clientslug", "slug")
CONTACT_ID: Final[Words] = ("contactid", "id", "contact", "contactslug", "slug")
CLIENT_OF_CONTACT: Final[Words] = ("clientid", "client", "clientslug")
"""What a tool calls the id of the record it is about; beside a client's id, `id` alone is the contact's."""

CLIENT_RECORD_ID: Final[Words] = ("id", "clientid", "slug")
CONTACT_RECORD_ID: Final[Words] = ("id", "contactid", "slug")
"""What a record calls its own id."""

REFERENCE: Final[Words] = ("reference", "clientreference", "ref", "clientref")
XPM_NUMBER: Final[Words] = ("xpmid", "xpmclientid", "xeropracticemanagerid")
STATE: Final[Words] = ("state", "status", "clientstate", "clientstatus")
MANAGER: Final[Words] = ("manager", "clientmanager", "manageremail", "managername")
PARTNER: Final[Words] = ("partner", "clientpartner", "partneremail", "partnername")
IDENTIFIERS: Final[Mapping[str, Words]] = {
    "abn": ("abn",),
    "company_number": ("companynumber", "companyregistrationnumber"),
}
"""What distinguishes clients and is never written."""

WRAPPED: Final[Words] = ("data", "items", "results", "records", "result")
"""What an answer may wrap its record or its records in, beside the record's own kind."""
LISTS: Final[Words] = ("nodes", "edges", *WRAPPED)
ENTRY: Final[Words] = ("node", "client", "contact")
"""Lists as GraphQL servers give them, and what one of their entries wraps its record in."""

SEARCH_TEXT: Final[Words] = ("query", "search", "q", "name", "namecontains", "namepart", "nameq", "text")
SEARCH_EMAIL: Final[Words] = ("email", "emailaddress", "contactemail", "emailcontains")
CURSOR: Final[Words] = ("cursor", "after", "pagetoken", "pagecursor", "nextcursor", "startingafter")
PAGE: Final[Words] = ("page", "pagenumber")
OFFSET: Final[Words] = ("offset", "skip", "start")
PAGE_SIZE: Final[Words] = ("limit", "pagesize", "perpage", "first", "maxresults")
"""How a list is asked for."""

PAGING: Final[Words] = ("pagination", "paging", "pageinfo", "meta", "page")
NEXT_CURSOR: Final[Words] = ("nextcursor", "nextpagetoken", "endcursor", "cursor", "after")
NEXT_PAGE: Final[Words] = ("nextpage",)
HAS_MORE: Final[Words] = ("hasmore", "hasnextpage", "hasnext", "more")
TOTAL: Final[Words] = ("totalcount", "total", "totalitems", "totalrecords", "totalresults")
PAGES: Final[Words] = ("totalpages", "pagecount", "pages", "lastpage")
"""How a list says that it goes on."""

EVERY_STATE: Final[Words] = ("all", "any")
STATES: Final[Words] = (*STATE, "states", "statuses")
INCLUDE_ARCHIVED: Final[Words] = ("includearchived", "witharchived", "includeinactive", "showarchived")
ONLY_ARCHIVED: Final[Words] = ("archived", "isarchived", "onlyarchived")
"""How a list is asked for clients in every state."""

CREATED_AS: Final[Mapping[str, Words]] = {"state": ("active",), "status": ("active",), "clientstate": ("active",)}
"""What a new client is, where the tool requires it and names no default."""

PRACTICE_WORDS: Final[Words] = ("country", "currency", "timezone")
"""What `create_client` may ask for and `get_practice_info` knows."""

NOT_FOUND: Final[Words] = ("notfound", "clientnotfound", "recordnotfound", "404")
RATE_LIMITED: Final[Words] = ("ratelimited", "ratelimit", "toomanyrequests", "429")
RETRY_AFTER: Final[Words] = ("retryafter", "retryat", "resetat")
CODE: Final[Words] = ("code", "errorcode", "type")
"""How a tool says why it failed."""

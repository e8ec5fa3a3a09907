"""XPM's XML in: what real and documented answers look like, and everything that is refused."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from itertools import repeat

import pytest

from xpmsync.core.enums import ClientState, System
from xpmsync.core.model import Client
from xpmsync.simulator.people.generate import generated
from xpmsync.simulator.server.faults import DOCTYPE, HTML, JSON_BODY, nested
from xpmsync.simulator.world.xml import detailed_client
from xpmsync.xpm.api.xml_reader import Envelope, NotXpm, read_clients

UUID = "F8235E1A-D383-48B7-9139-BA97AB8CA889"


def read(body: str | bytes | Iterable[bytes], envelope: Envelope | None = None) -> list[Client]:
    """The clients of an answer given whole or in pieces."""
    pieces = [body.encode()] if isinstance(body, str) else [body] if isinstance(body, bytes) else body
    return list(read_clients(pieces, envelope or Envelope()))


def listed(*clients: str) -> str:
    """A list answer in XPM's compact shape; each text is the inside of a Client element."""
    inside = "".join(f"<Client>{client}</Client>" for client in clients)
    return f'<Response api-method="List"><Status>OK</Status><Clients>{inside}</Clients></Response>'


def one(inside: str) -> Client:
    """The client with that inside."""
    (client,) = read(listed(inside))
    return client


def byte_by_byte(body: str) -> Iterator[bytes]:
    """The slowest of networks."""
    return (bytes([byte]) for byte in body.encode())


# --- what answers look like -------------------------------------------------------------


def test_a_compact_answer_with_the_uuid_last() -> None:
    """Nothing may be decided before the element closes: real answers name the client last."""
    client = one(
        "<Name>Ngā Puke Trust &amp; Co</Name><Phone>07 555 0104</Phone><Website>ngapuke.example.com</Website>"
        "<GSTRegistered>Yes</GSTRegistered><BusinessStructure>Trust</BusinessStructure><IsProspect>yes</IsProspect>"
        "<BusinessNumber>94 299 900</BusinessNumber><CompanyNumber>99000</CompanyNumber>"
        "<AccountManager><UUID>u</UUID><Name>Priya Raman</Name></AccountManager>"
        "<JobManager><UUID>u</UUID><Name>Tom Okafor</Name></JobManager>"
        f"<UUID>{UUID}</UUID>"
    )
    assert client == Client(
        System.XPM,
        UUID.lower(),
        {
            "name": "Ngā Puke Trust & Co",
            "phone": "07 555 0104",
            "website": "ngapuke.example.com",
            "tax_registered": "Yes",
            "structure": "Trust",
        },
        partner="Priya Raman",
        manager="Tom Okafor",
        prospect=True,
        identifiers={"abn": "94 299 900", "company_number": "99000"},
    )


@pytest.mark.parametrize("blank", ["", "<City/>", "<City></City>", "<City>  </City>", "<City>\r\n\t</City>"])
def test_absent_empty_and_blank_elements_are_the_same(blank: str) -> None:
    """All of them mean that there is no value."""
    assert one(f"<Name>A</Name>{blank}").values == {"name": "A"}


def test_documentation_layout() -> None:
    """Examples are indented, with line ends and blanks that belong to the layout."""
    client = read(
        """<?xml version="1.0" encoding="utf-8"?>
        <!-- an example -->
        <Response>
          <Status> OK </Status>
          <WebUrl> https://practicemanager.xero.com/Client/10123/Detail </WebUrl>
          <Client>
            <UUID> c1 </UUID>
            <Name>
               Harbour Dental Ltd
            </Name>
            <PostalAddress>
               Level 1
               60 Quay Street
            </PostalAddress>
            <Contacts>
              <Contact>
                <UUID>p1</UUID> <Name>Ann Lee</Name>  <!-- the dentist -->
              </Contact>
            </Contacts>
          </Client>
        </Response>
        """,
        envelope := Envelope(),
    )[0]
    assert client.id == "c1"
    assert client.values == {"name": "Harbour Dental Ltd", "postal_address": "Level 1\n60 Quay Street"}
    assert client.contacts[0].values == {"contact.name": "Ann Lee"}
    assert (envelope.status, envelope.web_url) == ("OK", "https://practicemanager.xero.com/Client/10123/Detail")


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ("", ClientState.ACTIVE),
        ("<IsArchived>No</IsArchived><IsDeleted>no</IsDeleted>", ClientState.ACTIVE),
        ("<IsArchived>Yes</IsArchived>", ClientState.ARCHIVED),
        ("<IsArchived> yes </IsArchived><IsDeleted/>", ClientState.ARCHIVED),
        ("<IsDeleted>YES</IsDeleted>", ClientState.DELETED),
        ("<IsArchived>yes</IsArchived><IsDeleted>Yes</IsDeleted>", ClientState.DELETED),
    ],
)
def test_flags_in_any_case(flags: str, state: ClientState) -> None:
    """Deleted wins over archived."""
    assert one(f"<Name>A</Name>{flags}").state is state


def test_several_groups_are_lines() -> None:
    """In a fixed order, whatever order XPM sends; a group without a name is none."""
    client = one(
        "<Groups><Group><UUID>1</UUID><Name>Super Funds</Name></Group><Group><Name/></Group>"
        "<Group><UUID>2</UUID><Name>Marlowe</Name></Group></Groups>"
    )
    assert client.values["group"] == "Marlowe\nSuper Funds"
    assert "group" not in one("<Groups><Group><Name/></Group></Groups>").values


@pytest.mark.parametrize("none", ["", "<Contacts/>", "<Contacts></Contacts>", "<Contacts> </Contacts>"])
def test_clients_without_contacts(none: str) -> None:
    """Common in real practices."""
    assert one(f"<Name>A</Name>{none}").contacts == ()


def test_contacts_with_everything_and_deleted_ones() -> None:
    """A deleted contact is no contact; a name may be an e-mail address; no primary is no problem."""
    client = one(
        "<Contacts>"
        "<Contact><UUID>P1</UUID><Name>ann@example.com</Name><Salutation>Ann</Salutation><Addressee>A Lee</Addressee>"
        "<Mobile>0491 570 006</Mobile><Email>ann@example.com</Email><Phone>1</Phone><Position>Director</Position>"
        "<IsPrimary>No</IsPrimary><IsDeleted>no</IsDeleted></Contact>"
        "<Contact><UUID>P2</UUID><Name>Gone</Name><IsDeleted>yes</IsDeleted></Contact>"
        "</Contacts>"
    )
    (contact,) = client.contacts
    assert contact.id == "p1"
    assert contact.values == {
        "contact.name": "ann@example.com",
        "contact.salutation": "Ann",
        "contact.addressee": "A Lee",
        "contact.mobile": "0491 570 006",
        "contact.email": "ann@example.com",
        "contact.phone": "1",
        "contact.position": "Director",
        "contact.primary": "No",
    }


def test_unknown_elements_and_attributes_do_not_matter() -> None:
    """A later version may add anything anywhere, between clients and contacts too."""
    body = (
        '<Response api-method="List" v="4"><Extra><Name>No</Name></Extra><Status>OK</Status><Clients total="1">'
        "<Advice>none</Advice><Client id='7'><Shoe><Name>No</Name></Shoe><Name kind='x'>A</Name><UUID>c1</UUID>"
        "<Contacts><Hint/><Contact><UUID>p1</UUID></Contact></Contacts></Client><Advice/><Advice/></Clients>"
        "<Pagination/></Response>"
    )
    for pieces in ([body.encode()], byte_by_byte(body)):
        (client,) = read(pieces)
        assert (client.id, client.values, [contact.id for contact in client.contacts]) == ("c1", {"name": "A"}, ["p1"])


def test_names_are_recognised_inside_their_parent_only() -> None:
    """The name of a manager, a group or a related client is not the client's."""
    client = one(
        "<Name>A</Name><JobManager><Name>Tom</Name></JobManager><Type><Name>20th</Name></Type>"
        "<Relationships><Relationship><RelatedClient><UUID>r</UUID><Name>B</Name></RelatedClient></Relationship>"
        "</Relationships><UUID>c1</UUID>"
    )
    assert (client.id, client.name) == ("c1", "A")


def test_what_must_not_be_kept_is_not_read() -> None:
    """Tax numbers, bank details, birth dates and notes never leave the reader."""
    client = one(
        "<Name>A</Name><TaxNumber>******987</TaxNumber><BankAccountNumber>12-3456</BankAccountNumber>"
        "<DateOfBirth>1970-11-26</DateOfBirth><Notes><Note><Text>secret</Text></Note></Notes><UUID>c1</UUID>"
    )
    told = repr(client)
    assert not [text for text in ("987", "12-3456", "1970", "secret") if text in told]


def test_an_answer_about_contacts_alone() -> None:
    """Contact calls answer with a contact beside the status."""
    envelope = Envelope()
    body = "<Response><Status>OK</Status><Contact><UUID>P1</UUID><Name>Ann Lee</Name></Contact></Response>"
    assert read(body, envelope) == []
    assert [(contact.id, contact.name) for contact in envelope.contacts] == [("p1", "Ann Lee")]


def test_an_error_envelope() -> None:
    """HTTP 200 is not success: the caller finds status and words in the envelope."""
    envelope = Envelope()
    body = "<Response><Status>ERROR</Status><ErrorDescription>Invalid client identifier</ErrorDescription></Response>"
    assert read(body, envelope) == []
    assert (envelope.status, envelope.error) == ("ERROR", "Invalid client identifier")


def test_pieces_of_any_size_give_the_same_clients() -> None:
    """The network decides where an answer is cut, in the middle of a letter too."""
    body = listed(*(f"<Name>Tāmaki {number}</Name><UUID>c{number}</UUID>" for number in range(5)))
    raw = body.encode()
    whole = read(body)
    assert [client.name for client in whole] == [f"Tāmaki {number}" for number in range(5)]
    for size in (1, 2, 3, 7, 64, 1000):
        assert read(raw[at : at + size] for at in range(0, len(raw), size)) == whole


def test_characters_of_every_plane() -> None:
    """Entities, CDATA, accents, emoji; markup in data is just text, even a DOCTYPE inside a note."""
    client = one("<Name>&#x1F40C; O&apos;Neil &lt;b&gt; <![CDATA[<!DOCTYPE x> & 张伟]]></Name>")
    assert client.name == "🐌 O'Neil <b> <!DOCTYPE x> & 张伟"


# --- what is refused --------------------------------------------------------------------


SMALL = (
    '<?xml version="1.0"?><Response api-method="List"><Status>OK</Status><Clients><Client><Name>Ā</Name>'
    "<UUID>c1</UUID></Client><Client><UUID>c2</UUID></Client></Clients></Response>"
)


def test_an_answer_cut_at_any_byte_is_refused() -> None:
    """However little is missing, the end is not reached: a partial answer is never taken for a whole one."""
    raw = SMALL.encode()
    assert [client.id for client in read(raw)] == ["c1", "c2"]
    for length in range(len(raw)):
        envelope = Envelope()
        with pytest.raises(NotXpm):
            read(raw[:length], envelope)
        assert envelope.status == ""


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (HTML, "DOCTYPE"),
        (JSON_BODY, "something else than XML"),
        (b"", "breaks off"),
        (b"   \n", "breaks off"),
        (b"Service unavailable", "something else than XML"),
        (b"<Error>no</Error>", "<Error> instead of <Response>"),
        (b'<Response xmlns="http://example.com/x"><Status>OK</Status></Response>', "instead of <Response>"),
        (b'<x:Response xmlns:x="http://example.com/x"/>', "instead of <Response>"),
        (b"<Response><Status>OK</Status></Response><Response/>", "not well-formed"),
        (b"<Response><Status>OK</Response></Status>", "not well-formed"),
        (b"<Response><Status>\x01</Status></Response>", "not well-formed"),
        (b"<Response><Status>\xff</Status></Response>", "not well-formed"),
        (b"<Response><Status>&unknown;</Status></Response>", "not well-formed"),
        ("<Response><Status>OK</Status></Response>".encode("utf-16"), "something else than XML"),
        (b'<?xml version="1.0" encoding="klingon"?><Response/>', "something else than XML"),
        (b'<?xml version="1.0" encoding="cp037"?>' + "<Response/>".encode("cp037"), "something else than XML"),
    ],
)
def test_answers_that_are_not_xpms(body: bytes, says: str) -> None:
    """Each is refused with how it fails, never with its content; piece by piece like whole."""
    with pytest.raises(NotXpm) as refused:
        read(body)
    assert says in str(refused.value)
    with pytest.raises(NotXpm):
        read(bytes([byte]) for byte in body)


@pytest.mark.parametrize("before", [b"", b" \r\n", b"\xef\xbb\xbf", b"<!-- <Response> -->", b'<?xml version="1.0"?>\n'])
@pytest.mark.parametrize("size", [1, 4, 11, 10_000])
def test_a_doctype_is_refused_wherever_the_pieces_are_cut(before: bytes, size: int) -> None:
    """Entities that grow are refused before the parser sees them."""
    body = before + DOCTYPE.partition(b"?>")[2]
    with pytest.raises(NotXpm, match="DOCTYPE"):
        read(body[at : at + size] for at in range(0, len(body), size))


@pytest.mark.parametrize("size", [100, 65_536])
def test_two_hundred_thousand_nested_elements(size: int) -> None:
    """Refused by depth, long before they are all there."""
    body = nested(200_000)
    given = 0

    def pieces() -> Iterator[bytes]:
        nonlocal given
        for at in range(0, len(body), size):
            given = at
            yield body[at : at + size]

    with pytest.raises(NotXpm, match="nested more than 50 deep"):
        read(pieces())
    assert given <= size * 6


def test_ordinary_depth_is_fine() -> None:
    """Fifty levels are more than XPM ever uses."""
    assert one("<A>" * 40 + "</A>" * 40 + "<Name>A</Name>").name == "A"


def test_a_record_without_end_is_refused() -> None:
    """One record may be large, not endless: memory is not the answer's to fill."""
    start = b"<Response><Status>OK</Status><Clients><Client><Notes>"
    with pytest.raises(NotXpm, match="16 MB"):
        read(piece for part in ([start], repeat(b"x" * 1_000_000)) for piece in part)


def test_blanks_without_end_before_the_first_element_are_refused() -> None:
    """An answer has to begin some time."""
    with pytest.raises(NotXpm, match="64 KB"):
        read(repeat(b" " * 10_000))


def test_a_client_is_given_out_as_soon_as_the_next_one_begins() -> None:
    """Records stream past while the answer is still arriving."""

    def pieces() -> Iterator[bytes]:
        yield b"<Response><Status>OK</Status><Clients><Client><UUID>c1</UUID></Client><Client>"
        raise AssertionError("the first client was there already")

    assert next(read_clients(pieces(), Envelope())).id == "c1"


def test_memory_stays_flat_over_a_long_answer() -> None:
    """Eight times the clients take no more memory: each is let go once it is read."""
    client = b"".join(detailed_client(made).encode() for made in generated(5))

    def peak(times: int) -> int:
        pieces = [b"<Response><Status>OK</Status><Clients>", *repeat(client, times), b"</Clients></Response>"]
        tracemalloc.start()
        try:
            assert sum(1 for _ in read_clients(pieces, Envelope())) == 5 * times
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2)
    assert peak(160) < 1.3 * peak(20)


# --- characters that XML forbids ----------------------------------------------------------------


@pytest.mark.parametrize(
    "forbidden", ["&#11;", "&#xB;", "&#x0;", "&#55296;", "&#xFFFE;", "&#1114112;", "\x0b", "\x00", "\x1f", "\uffff"]
)
def test_a_forbidden_character_costs_its_own_field_only(forbidden: str) -> None:
    """The field is named and not read, all others and all other clients are; in whole answers and byte by byte."""
    odd = f"<Name>Odd</Name><Address>1 Odd{forbidden}Street</Address><City>Colac</City><UUID>u2</UUID>"
    body = listed("<Name>Fine</Name><UUID>u1</UUID>", odd, "<Name>Also fine</Name><UUID>u3</UUID>")
    for pieces in ([body.encode()], byte_by_byte(body)):
        fine, client, also = read(pieces)
        assert (fine.name, fine.unreadable, also.name, also.unreadable) == ("Fine", (), "Also fine", ())
        assert (client.values, client.unreadable) == ({"name": "Odd", "city": "Colac"}, ("address",))


def test_a_forbidden_character_elsewhere_is_left_out() -> None:
    """A field that is not ours is read without it; a name keeps the rest, so that people know who it is."""
    client = one("<Name>O&#11;dd</Name><Email>a&#11;b@example.com</Email><Notes>&#11;</Notes><UUID>u2</UUID>")
    assert (client.name, client.email, client.unreadable) == ("Odd", "ab@example.com", ("name",))
    person = "<Contacts><Contact><Name>Ann</Name><Phone>&#11;</Phone><UUID>c1</UUID></Contact></Contacts>"
    client = one(f"<Name>A</Name>{person}<UUID>u2</UUID>")
    assert (dict(client.contacts[0].values), client.unreadable) == ({"contact.name": "Ann"}, ("contact.phone",))


def test_allowed_references_are_read_as_they_are() -> None:
    """In whole answers and cut anywhere."""
    body = listed("<Name>A &#38; B&#x9;C &#x1F600; &amp;#11;</Name><UUID>u1</UUID>")
    for pieces in ([body.encode()], byte_by_byte(body)):
        (client,) = read(pieces)
        assert (client.name, client.unreadable) == ("A & B\tC \U0001f600 &#11;", ())


def test_an_identifier_must_be_readable() -> None:
    """Nobody knows whose record it is."""
    with pytest.raises(NotXpm, match="an identifier"):
        one("<Name>A</Name><UUID>u&#11;2</UUID>")


def test_an_answer_that_breaks_off_names_the_last_whole_client() -> None:
    """Whether it comes at once or in pieces."""
    body = listed("<Name>A</Name><UUID>u1</UUID>", "<Name>B</Name><UUID>u2</UUID>", "<Name>C</Name><UUID>u3</UUID>")
    cut = body[: body.index("<Name>C") + 5]
    for pieces in ([cut.encode()], byte_by_byte(cut)):
        with pytest.raises(NotXpm) as refused:
            read(pieces)
        assert refused.value.after is not None
        assert (refused.value.after.id, refused.value.after.name) == ("u2", "B")
    with pytest.raises(NotXpm) as refused:
        read("<Response><Status>OK")
    assert refused.value.after is None

"""Names as practices write them, line by line."""

from __future__ import annotations

import pytest

from xpmsync.core.match.frequencies import Context
from xpmsync.core.match.legal_forms import ENDINGS, Form, at_odds, of_structure, strip
from xpmsync.core.match.name_compare import compare_names, trading_names_differ
from xpmsync.core.match.name_parse import OtherKind, read_name
from xpmsync.core.match.nicknames import Kinship, formal, is_given_name, kinship
from xpmsync.core.match.text import fold, is_slip
from xpmsync.core.match.weights import Rule

NOBODY = Context()


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("Harbour Plumbing Pty Ltd", "harbour plumbing", Form.COMPANY),
        ("HARBOUR PLUMBING PTY. LIMITED", "harbour plumbing", Form.COMPANY),
        ("Harbour Plumbing Pty.Ltd.", "harbour plumbing", Form.COMPANY),
        ("Harbour Plumbing P/L", "harbour plumbing", Form.COMPANY),
        ("Harbour Plumbing Proprietary Limited", "harbour plumbing", Form.COMPANY),
        ("Harbour Plumbing Propriety Limited", "harbour plumbing", Form.COMPANY),
        ("Kauri Homes Limited", "kauri homes", Form.COMPANY),
        ("Kauri Homes (NZ) Ltd", "kauri homes nz", Form.COMPANY),
        ("Kauri Homes New Zealand Ltd", "kauri homes nz", Form.COMPANY),
        ("Beck & Vale LLP", "beck vale", Form.LLP),
        ("Wenlow Tiles PLC", "wenlow tiles", Form.PLC),
        ("Wenlow Tiles p.l.c.", "wenlow tiles", Form.PLC),
        ("Wenlow Hub CIC", "wenlow hub", Form.CIC),
        ("Beck LP", "beck", Form.LP),
        ("The Moana Family Trust", "moana", Form.FAMILY_TRUST),
        ("Moana Discretionary Trust", "moana", Form.FAMILY_TRUST),
        ("Moana Family Discretionary Trust", "moana", Form.FAMILY_TRUST),
        ("Te Awa Whānau Trust", "te awa", Form.FAMILY_TRUST),
        ("Moana Unit Trust", "moana", Form.UNIT_TRUST),
        ("Moana Testamentary Trust", "moana", Form.TESTAMENTARY_TRUST),
        ("The Trustee for The Moana Family Trust", "moana", Form.FAMILY_TRUST),
        ("Moana Pty Ltd ATF Moana Family Trust", "moana", Form.FAMILY_TRUST),
        ("Moana Pty Ltd A.T.F. The Moana Trust", "moana", Form.TRUST),
        ("Moana Pty Ltd as trustee for Riverside", "riverside", Form.TRUST),
        ("Moana Family Trust ATF", "moana", Form.FAMILY_TRUST),
        ("Moana Pty Ltd as trustee", "moana", Form.TRUST),
        ("Moana Superannuation Fund", "moana", Form.FUND),
        ("Moana Family Super Fund", "moana", Form.FUND),
        ("Moana SMSF", "moana", Form.FUND),
        ("Moana Self Managed Super Fund", "moana", Form.FUND),
        ("Estate of the late Ann Moana", "ann moana", Form.ESTATE),
        ("Ann Moana (Deceased)", "ann moana", Form.ESTATE),
        ("Thornbrook Tennis Club Inc.", "thornbrook tennis club", Form.ASSOCIATION),
        ("Ann & Joe Moana Partnership", "ann joe moana", Form.PARTNERSHIP),
        ("Harbour Plumbing", "harbour plumbing", Form.UNSTATED),
        ("J S P Consulting Pty Ltd", "jsp consulting", Form.COMPANY),
        ("Bros & Co Constr Pty Ltd", "brothers constructions", Form.COMPANY),
        ("Trust Accounting Pty Ltd", "trust accounting", Form.COMPANY),
        ("Harbour Plumbing Pty Ltd (in liquidation)", "harbour plumbing", Form.COMPANY),
        ("The Trust", "trust", Form.UNSTATED),
        ("Ngā Pōhutukawa Ltd", "nga pohutukawa", Form.COMPANY),
        ("李明", "李明", Form.UNSTATED),
        ("&", "", Form.UNSTATED),
        ("", "", Form.UNSTATED),
    ],
)
def test_core_and_legal_form(text: str, core: str, form: Form) -> None:
    """The legal form comes off the end, fillers, dots and macrons go, and the core is left."""
    name = read_name(text)
    assert (" ".join(name.core), name.form) == (core, form)


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_every_ending_of_the_table_is_read(ending: str) -> None:
    """Each line of the legal-form table is found at the end of a name, and leaves the name."""
    words, form = strip(["riverside", *ending.split()])
    assert (words, form) == (["riverside"], ENDINGS[ending])


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("John Smith", ["john smith"]),
        ("Smith, John A", ["john a smith"]),
        ("Mr J.A. Smith", ["j a smith"]),
        ("Smith John & Mary", []),
        ("John & Mary Smith", ["john smith", "mary smith"]),
        ("John and Mary Smith", ["john smith", "mary smith"]),
        ("J & M Smith", ["j smith", "m smith"]),
        ("JA & MB Smith", ["j a smith", "m b smith"]),
        ("Smith J & M", ["j smith", "m smith"]),
        ("Smith, John & Mary", ["john smith", "mary smith"]),
        ("John Smith & Mary Jones", ["john smith", "mary jones"]),
        ("Mr & Mrs J Smith", ["j smith", "smith"]),
        ("Mr J & Mrs M Smith", ["j smith", "m smith"]),
        ("Ann van der Berg", ["ann vanderberg"]),
        ("Seán O’Brien", ["sean obrien"]),
        ("Mary-Ann Smith-Jones", ["mary ann smithjones"]),
        ("Hone Te Rangi", ["hone terangi"]),
        ("Mac Donald, Angus", ["angus macdonald"]),
        ("Smith, Brown & Green", []),
        ("Smith & Co", []),
        ("Harbour Plumbing", []),
        ("Nguyen Thi Minh Chau", []),
    ],
)
def test_people_in_names(text: str, people: list[str]) -> None:
    """Persons are read in every layout that practices use; firms' names are not taken for persons."""
    assert [" ".join([*p.given, p.surname]) for p in read_name(text).people] == people


@pytest.mark.parametrize(
    ("text", "kind", "other"),
    [
        ("John Smith t/a Drain Kings", OtherKind.TRADING, "drain kings"),
        ("John Smith T/As Drain Kings", OtherKind.TRADING, "drain kings"),
        ("Harbour Pty Ltd trading as Drain Kings", OtherKind.TRADING, "drain kings"),
        ("Harbour Pty Ltd dba Drain Kings", OtherKind.TRADING, "drain kings"),
        ("New Pty Ltd (formerly Old Name Pty Ltd)", OtherKind.FORMER, "old name"),
        ("New Pty Ltd (fka Old Name Ltd)", OtherKind.FORMER, "old name"),
        ("New Pty Ltd formerly known as Old Name Ltd", OtherKind.FORMER, "old name"),
        ("Jane Jones (née Smith)", OtherKind.FORMER, "jane smith"),
        ("Old Pty Ltd ATF Moana Trust", OtherKind.TRUSTEE, "old"),
    ],
)
def test_second_names(text: str, kind: OtherKind, other: str) -> None:
    """Trading names, former names and trustees are kept beside the name."""
    (found,) = read_name(text).others
    assert (found.kind, " ".join(found.name.core)) == (kind, other)


@pytest.mark.parametrize(
    ("a", "b", "rule"),
    [
        ("Smith, John", "John Smith", Rule.NAME_SAME),
        ("John Smith", "Smith John", Rule.NAME_SAME),
        ("JOHN ALAN SMITH", "John Smith", Rule.NAME_SAME),
        ("John Alan Smith", "John A. Smith", Rule.NAME_MIDDLE),
        ("John Alan Smith", "John Barry Smith", Rule.NAME_GENERATION),
        ("John Smith Jnr", "John Smith", Rule.NAME_GENERATION),
        ("Robert Smith", "Bob Smith", Rule.NAME_SHORT_FORM),
        ("Stephen Smith", "Steven Smith", Rule.NAME_SHORT_FORM),
        ("Christine Smith", "Chris Smith", Rule.NAME_HINTED),
        ("John Smith", "Jack Smith", Rule.NAME_HINTED),
        ("J Smith", "Jane Smith", Rule.NAME_HINTED),
        ("J Smith", "J Smith", Rule.NAME_HINTED),
        ("J A Smith", "J A Smith", Rule.NAME_MIDDLE),
        ("Robert James Smith", "James Smith", Rule.NAME_HINTED),
        ("R J Smith", "James Smith", Rule.NAME_HINTED),
        ("K Smith", "John Smith", Rule.NAME_OTHER_GIVEN),
        ("Michelle Neumann", "Micehlle Neumann", Rule.NAME_SLIP),
        ("Jayden Smith", "Hayden Smith", Rule.NAME_RHYME),
        ("Karen Smith", "Karne Smith", Rule.NAME_SLIP),
        ("Lara Smith", "Lxra Smith", Rule.NAME_RHYME),
        ("Lara Smith", "Lxra Kowalski", Rule.NAME_OTHER),
        ("Soo-Jin Smith", "Soo-Jhn Smith", Rule.NAME_MIDDLE),
        ("Soo-Jin Smith", "Soo-Mei Smith", Rule.NAME_GENERATION),
        ("Soo-Jin Smith", "Soo-Ji Smith", Rule.NAME_GENERATION),
        ("Lara Smith", "Lxra Smith-Jones", Rule.NAME_RHYME),
        ("Lara Smith", "Lxra & Bob Smith", Rule.NAME_ONE_OF_COUPLE),
        ("Paul Smith", "Paula Smith", Rule.NAME_OTHER_GIVEN),
        ("Michelle Neumann", "Michelle Nuemann", Rule.NAME_SLIP),
        ("Michelle Neumann", "Micehlle Nuemann", Rule.NAME_SLIPS),
        ("Jane Domingo", "Jane Domnito", Rule.NAME_SLIPS),
        ("Jane Barton", "Jane Bxrtxn", Rule.NAME_SLIPS),
        ("Jane Baron", "Jane Bxrxn", Rule.NAME_SURNAME_CHANGED),
        ("Jane Kowalski", "Jane Neumann", Rule.NAME_SURNAME_CHANGED),
        ("Jane Lee", "Jane Leeson", Rule.NAME_DOUBLE_SURNAME),
        ("Jane Ng", "Jane Ngata", Rule.NAME_SURNAME_CHANGED),
        ("Jane Smith", "Jane Smithey", Rule.NAME_SURNAME_CHANGED),
        ("Jane Finch", "Jane Baker-Finch", Rule.NAME_DOUBLE_SURNAME),
        ("Jane Finch", "Jane Bakerfunch", Rule.NAME_SURNAME_CHANGED),
        ("Mr Smith", "John Smith", Rule.NAME_HINTED),
        ("Mr Smith", "Mr Smith", Rule.NAME_HINTED),
        ("Mary-Ann Smith", "Maryann Smith", Rule.NAME_SAME),
        ("Jo Anne Marie Smith", "Joanne Marie Smith", Rule.NAME_MIDDLE),
        ("Ruby Smith", "Rby Smith", Rule.NAME_RHYME),
        ("Ruby Smith", "Rxx Smith", Rule.NAME_OTHER_GIVEN),
        ("Zebulon Smith", "Florian Smith", Rule.NAME_OTHER_GIVEN),
        ("Zebulon Smith", "Xebulon Smith", Rule.NAME_RHYME),
        ("Zebulon Smith", "Zebulom Smith", Rule.NAME_RHYME),
        ("Zebulon Smith", "Zebxlon Smith", Rule.NAME_SLIP),
        ("Ebony Smith", "Ebxny Smith", Rule.NAME_SLIP),
        ("J A Smith", "K B Smith", Rule.NAME_OTHER_GIVEN),
        ("J A B Smith", "J A Smith", Rule.NAME_HINTED),
        ("J A Smith", "John Alan Smith", Rule.NAME_SHORT_FORM),
        ("J A Smith", "John B Smith", Rule.NAME_OTHER_GIVEN),
        ("K J Smith", "Mary Jane Smith", Rule.NAME_OTHER_GIVEN),
        ("R James Smith", "James Smith", Rule.NAME_HINTED),
        ("R James Smith", "Jane Smith", Rule.NAME_OTHER_GIVEN),
        ("John Alan Smith", "John Alaan Smith", Rule.NAME_MIDDLE),
        ("John Robert Smith", "John Bob Smith", Rule.NAME_MIDDLE),
        ("John Amy B Smith", "John Amy Smith", Rule.NAME_MIDDLE),
        ("Robert A Smith", "Bob B Smith", Rule.NAME_GENERATION),
        ("Robert A Smith", "Bob A Smith", Rule.NAME_SHORT_FORM),
        ("A Moana", "Ann & Bo Moana", Rule.NAME_ONE_OF_COUPLE),
        ("K Moana", "Ann & Bo Moana", Rule.NAME_OTHER_GIVEN),
        ("Smith John", "Mary Smith", Rule.NAME_OTHER),
        ("Smith John Jnr", "John Smith", Rule.NAME_OTHER),
        ("Michelle Smith", "Micehlle Kowalski", Rule.NAME_SURNAME_CHANGED),
        ("Xi Smith", "Yi Smith", Rule.NAME_OTHER_GIVEN),
        ("James Smith", "R S Smith", Rule.NAME_OTHER_GIVEN),
        ("S B Smith", "Mary James Smith", Rule.NAME_OTHER_GIVEN),
        ("Jane Smith Jnr", "John Smith", Rule.NAME_OTHER_GIVEN),
        ("Ja yde Crouch", "Jayde Crouch", Rule.NAME_SLIP),
        ("Benjamin Ever ett", "Benjamin Everett", Rule.NAME_SLIP),
        ("Har risn Boulter", "Harrison Boulter", Rule.NAME_SLIP),
        ("Har risx Boulter", "Harrison Boulter", Rule.NAME_HINTED),
        ("Ja yde Crouch Jnr", "Jayde Crouch", Rule.NAME_GENERATION),
        ("J Smith", "J A Smith", Rule.NAME_HINTED),
        ("Jane Smith", "Jane Smith-Jones", Rule.NAME_DOUBLE_SURNAME),
        ("Jane Smith", "Jane Kowalski", Rule.NAME_SURNAME_CHANGED),
        ("Jane Kowalski (nee Smith)", "Jane Smith", Rule.NAME_FORMER),
        ("Jane Smith", "John Smith", Rule.NAME_OTHER_GIVEN),
        ("Jane Smith", "Boris Kowalski", Rule.NAME_OTHER),
        ("John & Mary Smith", "J & M Smith", Rule.NAME_COUPLE),
        ("Mary & John Smith", "John and Mary Smith", Rule.NAME_SAME),
        ("John & Mary Smith", "John & Jane Smith", Rule.NAME_OTHER_GIVEN),
        ("John & Mary Smith", "Mary Smith", Rule.NAME_ONE_OF_COUPLE),
        ("Harbour Plumbing Pty Ltd", "The Harbour Plumbing P/L", Rule.NAME_SAME),
        ("Sun Flower Pty Ltd", "Sunflower Pty Ltd", Rule.NAME_SAME),
        ("J.S.P. Consulting", "JSP Consulting Pty Ltd", Rule.NAME_SAME),
        ("Harbour Plumbing", "Harbuor Plumbing", Rule.NAME_SLIP),
        ("Harbour Seaside Plumbing", "Harbuor Seasdie Plumbing", Rule.NAME_SLIPS),
        ("Harbour Plumbing Pty Ltd", "Harbour Pty Ltd", Rule.NAME_MORE_WORDS),
        ("Harbour Plumbing Pty Ltd", "Harbour Electrical Pty Ltd", Rule.NAME_PART),
        ("Harbour Plumbing Pty Ltd", "Summit Plumbing Pty Ltd", Rule.NAME_OTHER),
        ("Harbour Pty Ltd", "Harbour No 2 Pty Ltd", Rule.NAME_NUMBER),
        ("Harbour Fund No. 1", "Harbour Fund II", Rule.NAME_NUMBER),
        ("Harbour No 2 Pty Ltd", "Harbour Number Two Pty Ltd", Rule.NAME_SAME),
        ("Drain Kings", "Harbour Pty Ltd t/a Drain Kings", Rule.NAME_TRADING),
        ("Summit Ltd t/a Drain Kings", "Harbour Pty Ltd t/a Drain Kings", Rule.NAME_TRADING),
        ("Old Name Pty Ltd", "Newhouse Pty Ltd (formerly Old Name Pty Ltd)", Rule.NAME_FORMER),
        ("Harbour Pty Ltd", "Harbour Pty Ltd ATF Kowalski Trust", Rule.NAME_TRUSTEE),
        ("", "Harbour Pty Ltd", Rule.NAME_OTHER),
    ],
)
def test_comparing_names(a: str, b: str, rule: Rule) -> None:
    """Each pair of spellings falls under its rule, whichever side is asked first."""
    left, right = read_name(a), read_name(b)
    assert (compare_names(left, right, NOBODY), compare_names(right, left, NOBODY)) == (rule, rule)


def test_trading_names_differ_only_when_both_are_said() -> None:
    """Two businesses of one owner are told apart; a trading name on one side alone says nothing."""
    drains, roofs, plain = (read_name(n) for n in ("Jo Moana t/a Drains", "Jo Moana t/a Roofs", "Jo Moana"))
    assert trading_names_differ(drains, roofs, NOBODY)
    assert not trading_names_differ(drains, drains, NOBODY)
    assert not trading_names_differ(drains, plain, NOBODY)
    assert not trading_names_differ(plain, drains, NOBODY)


@pytest.mark.parametrize(
    ("a", "b", "odds"),
    [
        (Form.COMPANY, Form.FAMILY_TRUST, True),
        (Form.COMPANY, Form.PLC, True),
        (Form.PERSON, Form.COMPANY, True),
        (Form.FAMILY_TRUST, Form.UNIT_TRUST, True),
        (Form.FAMILY_TRUST, Form.FUND, True),
        (Form.PERSON, Form.ESTATE, True),
        (Form.TRUST, Form.FAMILY_TRUST, False),
        (Form.TRUST, Form.UNIT_TRUST, False),
        (Form.TRUST, Form.TESTAMENTARY_TRUST, False),
        (Form.TRUST, Form.FUND, True),
        (Form.COMPANY, Form.CIC, False),
        (Form.COMPANY, Form.COMPANY, False),
        (Form.FUND, Form.FUND, False),
        (Form.UNSTATED, Form.FUND, False),
    ],
)
def test_forms_at_odds(a: Form, b: Form, odds: bool) -> None:
    """Two stated forms that the law keeps apart are at odds; a trust of no stated kind fits each kind of trust."""
    assert at_odds(a, b) is at_odds(b, a) is odds


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Company", Form.COMPANY),
        ("Individual", Form.PERSON),
        ("Sole Trader", Form.PERSON),
        ("Self Managed Superannuation Fund (SMSF)", Form.FUND),
        ("Discretionary Trust", Form.FAMILY_TRUST),
        ("Partnership", Form.PARTNERSHIP),
        ("Limited Liability Partnership", Form.LLP),
        ("Club", Form.ASSOCIATION),
        ("Something else", Form.UNSTATED),
        ("", Form.UNSTATED),
    ],
)
def test_business_structures(text: str, form: Form) -> None:
    """Each practice words its structures for itself; the usual words are known."""
    assert of_structure(text) is form


@pytest.mark.parametrize(
    ("a", "b", "kin"),
    [
        ("bob", "robert", Kinship.SHORT),
        ("robert", "bob", Kinship.SHORT),
        ("tony", "anthony", Kinship.SHORT),
        ("ann", "anne", Kinship.SHORT),
        ("chris", "christine", Kinship.LOOSE),
        ("jack", "john", Kinship.LOOSE),
        ("liz", "beth", Kinship.LOOSE),
        ("john", "mary", Kinship.NONE),
    ],
)
def test_kinship_of_given_names(a: str, b: str, kin: Kinship) -> None:
    """A short form of one sex joins two names; one that both sexes or whole names share only hints."""
    assert kinship(a, b) is kin


def test_formal_names_and_given_names() -> None:
    """All forms of a name have one formal name; unknown words are their own."""
    assert (formal("bob"), formal("robert"), formal("zebulon")) == ("robert", "robert", "zebulon")
    assert is_given_name("aroha")
    assert not is_given_name("zebulon")


@pytest.mark.parametrize(
    ("a", "b", "slip"),
    [
        ("plumbing", "plumbnig", True),
        ("smith", "smiht", True),
        ("smith", "smythe", False),
        ("plumbing", "plumpingg", True),
        ("abc", "abd", False),
        ("unit1", "unit2", False),
        ("smith", "smithson", False),
        ("abc", "abcd", False),
        ("plumbin", "plumbingx", False),
        ("unit", "unit2", False),
        ("unit2", "unit", False),
    ],
)
def test_typing_slips(a: str, b: str, slip: bool) -> None:
    """One slip in words of four letters and more, two from eight on, none where digits are."""
    assert is_slip(a, b) is slip


def test_folding() -> None:
    """Case, macrons, accents and apostrophes do not count; letters of other scripts stay."""
    assert fold("O’Brien ŌTAKI Łódź Æon 李") == "obrien otaki lodz aeon 李"


def test_numbers_are_never_slips() -> None:
    """Another number is another company, also beside a slip in the legal words."""
    assert read_name("Wexford 3 Pty Lt").numbers == {"3"}
    for a, b in (("Wexford 3 Pty Ltd", "Wexford 4 Pty Lt"), ("Wexford 33 Ltd", "Wexford 34 Ltd")):
        assert compare_names(read_name(a), read_name(b), Context()) is Rule.NAME_NUMBER


@pytest.mark.parametrize(
    ("text", "other", "kind"),
    [
        ("Ann Moana tradign as Kea Joinery", "kea joinery", OtherKind.TRADING),
        ("Kea Pty Ltd trustee fro Moana Trust", "kea", OtherKind.TRUSTEE),
        ("Kea Pty Ltd trustee form Moana Trust", "", None),
        ("Kea Pty Ltd as trutsee for Moana Trust", "kea", OtherKind.TRUSTEE),
        ("Ann Moana (formelry Smith)", "ann smith", OtherKind.FORMER),
    ],
)
def test_markers_are_read_with_a_slip(text: str, other: str, kind: OtherKind | None) -> None:
    """Trading-as, trustee and former-name markers."""
    others = [(" ".join(o.name.core), o.kind) for o in read_name(text).others]
    assert others == ([(other, kind)] if kind else [])


@pytest.mark.parametrize(
    ("text", "people", "form"),
    [
        ("Harriet Green", ["green|harriet"], Form.UNSTATED),
        ("Green, Harriet", ["green|harriet"], Form.PERSON),
        ("Mr H Wood", ["wood|h"], Form.PERSON),
        ("H & J Stone", ["stone|h", "stone|j"], Form.UNSTATED),
        ("Smith & Green", [], Form.UNSTATED),
        ("Green Energy", [], Form.UNSTATED),
        ("Harriet Green Plumbing", [], Form.UNSTATED),
        ("Harriet Glass Pty Ltd", [], Form.COMPANY),
    ],
)
def test_surnames_that_are_words_of_trade_too(text: str, people: list[str], form: Form) -> None:
    """A given name, title or comma makes a person of it; only the latter two state one."""
    name = read_name(text)
    assert ([p.key for p in name.people], name.form) == (people, form)

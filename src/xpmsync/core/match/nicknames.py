"""Given names: which short forms stand for which, and which words are given names at all.

A short form that men and women share (Chris: Christopher, Christine) or that is
a name of its own (Jack, Harry) joins two records only loosely: in one household
it may well be the other person.
"""

from collections import defaultdict
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final

from xpmsync.core.match.text import edit_distance, is_slip, word_set


class Kinship(IntEnum):
    """How one given name relates to another."""

    NONE = 0
    LOOSE = 1
    """Can be the same name, or another person of the family."""
    SHORT = 2
    """The one is an everyday short form of the other, and of no name of the other sex."""


_WOMEN: Final = """
abigail: abby abbie gail; alexandra: alex sandra lexi alexa sandy lexie; alison: ali allie allison alyson;
amanda: mandy manda; andrea: andi andie; angela: angie ange; anita: neet; ann: annie anne nan;
annabel: bel annabelle; antoinette: toni; arabella: bella; barbara: barb barbie babs; beatrice: bea trixie;
bernadette: bernie bern; beverley: bev beverly; brenda: bren; bridget: bridie biddy; bronwyn: bron bronwen;
caroline: carol carrie caz lina; cassandra: cass cassie sandra;
catherine: cath cathy kate katie cathie cate kitty cat; charlotte: charlie lottie char;
christina: chris tina chrissie christie; christine: chris chrissie chrissy tina; constance: connie; cynthia: cindy;
danielle: dani dan danny; deborah: deb debbie debra debby; diana: di; dianne: di diane; dorothy: dot dottie dolly;
edith: edie; eleanor: ellie nell nellie ellen; elizabeth: liz lizzie beth betty betsy lisa eliza libby bess lizzy;
emily: em emmy; emma: em; evelyn: evie eve; felicity: fliss; fiona: fi; florence: flo florrie;
frances: fran frankie franny; gabrielle: gabby gabi gab; georgina: georgie gina georgia; geraldine: gerry;
gillian: gill jill gilly; gwendoline: gwen; gwendolyn: gwen; harriet: hattie harri; helen: nell; imogen: immy;
irene: rene; isabella: bella izzy isabel; jacqueline: jackie jacqui jacky; janet: jan;
jennifer: jen jenny jenni jenna; jessica: jess jessie; joanne: jo joanna joann; josephine: jo josie;
judith: judy jude judi; julia: jules julie; katherine: kath kathy kate katie kat kit kay;
kathleen: kath kathy kate kathie; kathryn: kath kathy kate katie; kimberley: kim kimberly kimmy;
kristine: kris kristy; lesley: les; lillian: lil lily lilly; lindsay: lin lindsey; lorraine: lorri lori;
louise: lou lulu; lucille: lucy; lynette: lyn lynne lynn; madeleine: maddie maddy;
margaret: maggie marg margie meg peg peggy rita greta madge margot marge; marjorie: marj marge;
mary: molly polly mae; matilda: tilly tilda mattie; maureen: mo reen; melanie: mel; melissa: mel lissa missy;
michelle: shell chelle; mildred: millie; miriam: mim; nancy: nan; natalie: nat; natasha: tash;
nicola: nic nicky nikki; nicole: nic nicky nicki nikki nicola; olivia: liv livvy; pamela: pam;
patricia: pat patty trish tricia patsy trisha; pauline: paula; penelope: penny pen; philippa: pip pippa;
priscilla: cilla; prudence: pru prue; rachel: rach rachael; rebecca: bec becky becca beck; roberta: bobbie;
rosalind: ros roz; rosemary: rose rosie romy; samantha: sam sammy; sandra: sandy; sarah: sally sara sal;
sharon: shaz; shirley: shirl; sophia: sophie sofia; stephanie: steph stef; susan: sue susie suzie suze susy;
suzanne: sue suzie suze; sylvia: syl; teresa: terry tess tessa; theresa: terry tess tessa; valerie: val;
vanessa: nessa ness; veronica: ronnie vera; victoria: vicki vicky tori vic vickie; virginia: ginny ginger;
vivienne: viv vivian; wendy: wen; winifred: win winnie; yvonne: von;
anastasia: tasia; carmela: mela; cheryl: chez; corazon: cora; deirdre: dee; despina: dessie;
dimitra: dimi; evangelia: litsa; georgette: gigi; giuseppina: pina; hilary: hil;
johanna: hanna; magdalena: lena magda; maree: maz; marguerite: margot; panagiota: yota; philomena: mena; raewyn: rae;
rosario: charo; tabitha: tabby; theodora: dora; vasiliki: vaso; wilhelmina: mina willa
"""

_MEN: Final = """
abraham: abe; alan: al allan allen; albert: bert bertie albie al; alexander: alex sandy xander alec al lex;
alfred: alf alfie fred; andrew: andy drew; angus: gus; anthony: tony ant anton; antonio: tony toni;
archibald: archie; arthur: art artie; augustus: gus; barry: baz bazza; bartholomew: bart; benjamin: ben benny benji;
bernard: bernie; bradley: brad; cameron: cam; charles: charlie chas chuck chaz; christian: chris;
christopher: chris kit topher; clifford: cliff; colin: col; daniel: dan danny; darren: daz; david: dave davy davey;
dennis: den denny; desmond: des; dominic: dom; donald: don donnie; douglas: doug dougie; duncan: dunc;
edmund: ed eddie ted ned; edward: ed eddie ted teddy ned; edwin: ed eddie; ernest: ernie; eugene: gene;
francis: frank frankie fran; frederick: fred freddie freddy; gabriel: gabe; gary: gaz garry; geoffrey: geoff;
george: georgie; gerald: gerry jerry; gerard: gerry ged; gilbert: gil bert; gordon: gordie; graham: graeme grahame;
gregory: greg gregg; harold: harry hal; henry: harry hank hal; herbert: herb bert; howard: howie; hugh: hughie;
isaac: ike zac; jacob: jake; james: jim jimmy jamie jem; jeffrey: jeff; jeremy: jem jez jerry;
john: jack johnny jon johnnie; jonathan: jon jonny jonathon johnathan; joseph: joe joey; joshua: josh;
julian: jules; keith: keefe; kenneth: ken kenny; kristopher: kris; lachlan: lachie lockie; laurence: larry laurie;
lawrence: larry laurie lawrie; leonard: len lenny leo; leopold: leo; leslie: les; lewis: lew lewie;
louis: lou louie; malcolm: mal; martin: marty; matthew: matt matty; maurice: maury; maxwell: max;
michael: mike mick mickey micky mikey; mitchell: mitch; mohammed: mo mohamed muhammad mohammad; nathan: nat nate;
nathaniel: nat nate nathan; nicholas: nick nicky nic; norman: norm; oliver: ollie olly; patrick: pat paddy;
paul: pauly; peter: pete; philip: phil pip; phillip: phil pip; raymond: ray; reginald: reg reggie;
richard: rick dick rich ricky richie; robert: bob rob bobby robbie robby bert; robin: rob; roderick: rod rory;
rodney: rod; roger: rodge; ronald: ron ronnie; russell: russ; samuel: sam sammy; sebastian: seb; sidney: sid sydney;
simon: si; stanley: stan; stephen: steve stevie; steven: steve stevie; stuart: stu stewart; terence: terry tel;
theodore: ted theo teddy; thomas: tom tommy thom; timothy: tim timmy; tobias: toby; trevor: trev; victor: vic;
vincent: vince vinnie vin; wallace: wal wally; walter: wal wally walt; warren: waz; wayne: wazza; wilfred: wilf;
william: bill will billy willy liam; zachary: zac zach zack zak;
anastasios: tasos tassos; athanasios: thanasi thanos; cornelis: kees cor; dimitrios: dimitri mitsos;
domenico: mimmo; emmanuel: manny; ferdinand: ferdie ferdy; francesco: franco; giovanni: gianni;
giuseppe: beppe peppe; hendrik: henk; ioannis: yianni yanni; jacobus: koos; johannes: hannes johan;
konstantinos: kon costa kostas dino; mervyn: merv; montague: monty; panagiotis: panos takis; percival: percy;
petrus: piet; salvatore: salvo toto; spyridon: spiro spiros; venkatesh: venky; viliami: vili; warwick: waz; willem: wim
"""

_NAMES_OF_THEIR_OWN: Final = word_set(
    """
    alexa alexi alfie allan allen anne annie anton archie bella ben beth betty carol cate charlie cindy
    dolly drew eliza ellen ellie eve evie frank fred freddie georgia gene gina graeme greta harry isabel jack
    jackie jake jamie jan jenna jerry jill joanna jon josie jude julie kate katie kay kit larry laurie leo lexi
    liam lily lisa lou lucy lynne mae maggie margot max mo molly nan nathan ned nell nicola paula penny pippa
    polly ray rita rory rose rosie sally sandra sandy sophie stewart tess tessa theo tina toby toni tori vivian will
    leo millie edie cam abby gail vera lori bel annabelle
    mohamed muhammad mohammad debra diane allison sofia sara rachael marge
    cora hanna lena magda dora mina willa pina rae franco gianni dimitri johan kostas costa spiro percy dino
    """
)
"""Short forms that are given as names too: John and Jack may be father and son."""

_SPELLINGS: Final = frozenset(
    frozenset(pair.split("/"))
    for pair in word_set(
        """
        ann/anne catherine/katherine katherine/kathryn catherine/kathryn stephen/steven philip/phillip debra/deborah
        dianne/diane diana/diane alison/allison alan/allan alan/allen graham/graeme sarah/sara rachel/rachael
        jonathan/jonathon mohammed/muhammad mohammed/mohamed mohammed/mohammad sophia/sofia geoffrey/jeffrey
        stuart/stewart lesley/leslie lawrence/laurence theresa/teresa brian/bryan eric/erik carl/karl
        kristine/christine marc/mark neil/neal shaun/sean
        """
    )
)
"""Two spellings of one name: a typist takes one for the other, and parents do not give both to two sisters."""

_OTHER_NAMES: Final = word_set(
    """
    aaron abigail adam adele adrian agnes aidan aileen aisha akira alice alistair alma amber amelia amir amit amy
    ana anahera anders angus anil anjali anya ari aria aroha arjun arlo asha ashley ashton astrid ataahua audrey
    aurora ava avery barry beatrice belinda ben blake bonnie boris brendan brett brian bridget bruce bryan bryce
    callum cameron carl carla carmen cecilia chantelle charlene chelsea cheryl chloe claire clara clare claudia
    clinton clive cody connor corey courtney craig daisy dale damian damien daphne darren daryl dawn dean declan
    deepak derek devon dominic doris drew duncan dylan earl edith eileen elaine elena elias elise ella ellie elsie
    eric erica erin ernest esther ethan ewan faith farah fatima felicity felix fergus finn fiona freya gail gavin
    gemma giovanni giulia glen glenda glenn gloria grace grant greta gurpreet guy hana hannah harley harriet
    harrison harvey hayden hayley hazel heather hemi hinemoa hirini hoani holly hone hunter ian imogen ingrid iris
    isaac isla ivan ivy jade jai jane janelle janice jared jarrod jasmine jason jasper jay jean jeanette jed jeff
    jill joan jodie joel jordan jorge jose joy joyce juan june justin justine kaia kahu kane karen karl kate
    katrina kayla keira kelly kelvin kerry kevin kieran kiri kirsten kirsty kurt kyle kylie lachlan lara laura
    lauren leah leanne lee leigh lena leo leon levi liam linda linh lionel logan lorraine louisa luca lucas luke
    lydia lynda mabel maia manaia marama marcel marco marcus maria marian marie marilyn mario marion mark marlene
    martha mason matiu mavis maya megan mei mere merle mia mikaere mila miles millie minh mohit moana moira monica
    morgan muriel murray myles nadia naomi neha neil neville ngaio ngaire nia niamh nigel nikau nina noah noel nora
    oscar owen paige paora patel petra phoebe pradeep priya quentin quinn rahul raj rajesh ralph ranginui raukura
    rawiri reece rex rhys rita rohan roland rosa ross roxanne roy ruby rupert ruth ryan sally sanjay scott sean
    selina serena seth shane shannon shaun shauna sheila shelley siobhan sione skye sofia sonia sophie spencer
    stacey stella summer sunil suresh tamara tamati tana tane tania tanya tara taylor te tegan thelma tia tiffany
    todd tracey tracy travis tui tyler tyrone ursula vera vernon veronica vikram vera viola violet wei wiremu xavier
    yasmin yusuf yuki yvette zara zoe
    """
) - {"te", "patel"}


def _read_short_forms(table: str) -> dict[str, frozenset[str]]:
    full_names: defaultdict[str, set[str]] = defaultdict(set)
    for line in table.split(";"):
        full, _, shorts = line.partition(":")
        for short in shorts.split():
            full_names[short].add(full.strip())
    return {short: frozenset(full) for short, full in full_names.items()}


_OF_WOMEN: Final = _read_short_forms(_WOMEN)
_OF_MEN: Final = _read_short_forms(_MEN)
_STANDS_FOR: Final = {
    short: _OF_WOMEN.get(short, frozenset()) | _OF_MEN.get(short, frozenset()) for short in _OF_WOMEN | _OF_MEN
}
_SHORT_FORMS: Final = {
    full: frozenset(short for short, names in _STANDS_FOR.items() if full in names)
    for full in frozenset(full for names in _STANDS_FOR.values() for full in names)
}
_FULL: Final = frozenset(_SHORT_FORMS)
_FORMAL: Final = {short: min(names) for short, names in _STANDS_FOR.items() if short not in _FULL}
_LOOSE: Final = _NAMES_OF_THEIR_OWN | (_OF_WOMEN.keys() & _OF_MEN.keys())
_GIVEN: Final = _FULL | frozenset(_STANDS_FOR) | _OTHER_NAMES


def is_given_name(word: str) -> bool:
    """Say whether a folded word is in our table of given names; the table is far from complete."""
    return word in _GIVEN


def formal(word: str) -> str:
    """Return one stable name for all forms of a name (bob, robert: robert); unknown words are their own."""
    return _FORMAL.get(word, word)


def kinship(a: str, b: str) -> Kinship:
    """Say how two different folded given names relate, by the tables alone."""
    if frozenset((a, b)) in _SPELLINGS:
        return Kinship.SHORT
    full_of_a, full_of_b = _STANDS_FOR.get(a, frozenset()), _STANDS_FOR.get(b, frozenset())
    for short, full, names in ((a, b, full_of_a), (b, a, full_of_b)):
        if full in names:
            return Kinship.LOOSE if short in _LOOSE else Kinship.SHORT
    return Kinship.LOOSE if full_of_a & full_of_b else Kinship.NONE


def is_given_slip(a: str, b: str) -> bool:
    """Say whether one given name can be the other one mistyped; in three letters, one slip is possible too."""
    return is_slip(a, b) or (min(len(a), len(b)) == 3 and edit_distance(a, b) == 1)


def rhymes(a: str, b: str) -> bool:
    """Say whether two given names that are a slip apart may as well be those of brothers and sisters.

    Lara's sister is Lana, and Paula is not Paul: slips inside a word of some length are typists', those at its ends and
    in short names may be parents'. Swapped letters are typists'.
    """
    inside = a[0] == b[0] and a[-1] == b[-1] and max(len(a), len(b)) >= _LONG_GIVEN
    return not inside and sorted(a) != sorted(b)


_LONG_GIVEN: Final = 5


@lru_cache(maxsize=16384)
def is_short_form_slip(a: str, b: str) -> bool:
    """Say whether one word is no given name, but a slip of another form of the other one: `Chhris` and `Christine`."""
    return any(
        word[0] == other[0] and not is_given_name(word) and any(is_given_slip(word, form) for form in _forms(other))
        for word, other in ((a, b), (b, a))
    )


@lru_cache(maxsize=16384)
def may_be_short(a: str, b: str) -> bool:
    """Say whether one word can be a short form of the other that no table holds: `Humph`, `Tabby`, `Monty`.

    What short forms that are known stand for, the table says. With a vowel more, it is the other sex's name: `Zoltana`.
    """
    short, full = sorted((a, b), key=len)
    stem = short.rstrip("aeiosyz")
    if len(stem) > _SHORTEST_STEM and stem[-1] == stem[-2]:
        stem = stem[:-1]
    begins = full.startswith(short) or (len(stem) >= _SHORTEST_STEM and full.startswith(stem))
    womans = full[:-1] == short and full[-1] in "aei"
    return begins and not womans and len(short) >= _SHORTEST_STEM and not is_given_name(short)


_SHORTEST_STEM: Final = 3


def _forms(word: str) -> frozenset[str]:
    """All forms of the names that a word is a form of, but itself."""
    full_names = _STANDS_FOR.get(word, frozenset()) | ({word} & _FULL)
    return frozenset(form for full in full_names for form in (full, *_SHORT_FORMS[full])) - {word}


def given_name_fits(a: Sequence[str], b: Sequence[str]) -> bool:
    """Say whether two persons' given names can be one person's: initial, short form, middle name or slip."""
    first, second = a[0], b[0]
    if 1 in (len(first), len(second)):
        return first[0] == second[0]
    return (
        "".join(a) == "".join(b)
        or kinship(first, second) is not Kinship.NONE
        or first in b
        or second in a
        or _is_typists_slip(first, second)
        or is_short_form_slip(first, second)
        or may_be_short(first, second)
    )


def _is_typists_slip(a: str, b: str) -> bool:
    return is_given_slip(a, b) and not rhymes(a, b) and not (is_given_name(a) and is_given_name(b))

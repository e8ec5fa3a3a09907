"""Given names: which short forms stand for which, and which words are given names at all.

A short form that stands for several names (Chris: Christopher, Christine) or
that is a name of its own (Jack, Harry) joins two records only loosely: in one
household it may well be the other person.
"""

from __future__ import annotations

from collections import defaultdict
from enum import IntEnum
from typing import Final

from xpmsync.core.match.words import word_set

__all__ = ["Kinship", "formal", "is_given_name", "kinship"]


class Kinship(IntEnum):
    """How one given name relates to another."""

    NONE = 0
    LOOSE = 1
    """Can be the same name, or another person of the family."""
    SHORT = 2
    """The one is an everyday short form of the other and of nothing else."""


_SHORT_FORMS: Final = """
alan: al allan allen
albert: bert bertie albie al
alexander: alex sandy xander alec al lex
alexandra: alex sandra lexi alexa sandy lexie
alfred: alf alfie fred
alison: ali allie allison alyson
amanda: mandy manda
andrea: andi andie
andrew: andy drew
angela: angie ange
anita: neet
ann: annie anne nan
anthony: tony ant anton
antoinette: toni
antonio: tony toni
arthur: art artie
barbara: barb barbie babs
benjamin: ben benny benji
bernard: bernie
bernadette: bernie bern
beverley: bev beverly
bradley: brad
brenda: bren
bronwyn: bron bronwen
caroline: carol carrie caz lina
cassandra: cass cassie sandra
catherine: cath cathy kate katie cathie cate kitty cat
charles: charlie chas chuck chaz
charlotte: charlie lottie char
christina: chris tina chrissie christie
christine: chris chrissie chrissy tina
christopher: chris kit topher
clifford: cliff
colin: col
cynthia: cindy
daniel: dan danny
danielle: dani dan danny
david: dave davy davey
deborah: deb debbie debra debby
dennis: den denny
desmond: des
diana: di
dianne: di diane
donald: don donnie
dorothy: dot dottie dolly
douglas: doug dougie
edward: ed eddie ted teddy ned
edwin: ed eddie
eleanor: ellie nell nellie ellen
elizabeth: liz lizzie beth betty betsy lisa eliza libby bess lizzy
emily: em emmy
emma: em
eugene: gene
evelyn: evie eve
florence: flo florrie
frances: fran frankie franny
francis: frank frankie fran
frederick: fred freddie freddy
gabrielle: gabby gabi gab
gabriel: gabe
gary: gaz garry
geoffrey: geoff
george: georgie
georgina: georgie gina georgia
gerald: gerry jerry
gerard: gerry ged
gillian: gill jill gilly
gordon: gordie
graham: graeme grahame
gregory: greg gregg
gwendoline: gwen
harold: harry hal
helen: nell
henry: harry hank hal
howard: howie
hugh: hughie
irene: rene
isabella: bella izzy isabel
jacqueline: jackie jacqui jacky
jacob: jake
james: jim jimmy jamie jem
janet: jan
jeffrey: jeff
jennifer: jen jenny jenni jenna
jeremy: jem jez jerry
jessica: jess jessie
joanne: jo joanna joann
john: jack johnny jon johnnie
jonathan: jon jonny jonathon johnathan
joseph: joe joey
josephine: jo josie
joshua: josh
judith: judy jude judi
julia: jules julie
julian: jules
katherine: kath kathy kate katie kat kit kay
kathleen: kath kathy kate kathie
kathryn: kath kathy kate katie
keith: keefe
kenneth: ken kenny
kimberley: kim kimberly kimmy
kristine: kris kristy
kristopher: kris
laurence: larry laurie
lawrence: larry laurie lawrie
leonard: len lenny leo
leslie: les
lesley: les
lewis: lew lewie
lillian: lil lily lilly
lindsay: lin lindsey
louise: lou lulu
louis: lou louie
lucille: lucy
lynette: lyn lynne lynn
madeleine: maddie maddy
malcolm: mal
margaret: maggie marg margie meg peg peggy rita greta madge margot marge
marjorie: marj marge
martin: marty
mary: molly polly mae
matthew: matt matty
maureen: mo reen
maurice: maury
maxwell: max
melanie: mel
melissa: mel lissa missy
michael: mike mick mickey micky mikey
michelle: shell chelle
miriam: mim
mitchell: mitch
mohammed: mo mohamed muhammad mohammad
nancy: nan
natalie: nat
natasha: tash
nathan: nat nate
nathaniel: nat nate nathan
nicholas: nick nicky nic
nicole: nic nicky nicki nikki nicola
nicola: nic nicky nikki
norman: norm
oliver: ollie olly
olivia: liv livvy
pamela: pam
patricia: pat patty trish tricia patsy trisha
patrick: pat paddy
paul: pauly
pauline: paula
penelope: penny pen
peter: pete
philip: phil pip
phillip: phil pip
philippa: pip pippa
priscilla: cilla
prudence: pru prue
rachel: rach rachael
raymond: ray
rebecca: bec becky becca beck
reginald: reg reggie
richard: rick dick rich ricky richie
robert: bob rob bobby robbie robby bert
roberta: bobbie
robin: rob
rodney: rod
roderick: rod rory
roger: rodge
ronald: ron ronnie
rosemary: rose rosie romy
russell: russ
samantha: sam sammy
samuel: sam sammy
sandra: sandy
sarah: sally sara sal
sharon: shaz
shirley: shirl
sidney: sid sydney
simon: si
sophia: sophie sofia
stanley: stan
stephanie: steph stef
stephen: steve stevie
steven: steve stevie
stuart: stu stewart
susan: sue susie suzie suze susy
suzanne: sue suzie suze
sylvia: syl
terence: terry tel
teresa: terry tess tessa
theresa: terry tess tessa
theodore: ted theo teddy
thomas: tom tommy thom
timothy: tim timmy
tobias: toby
trevor: trev
valerie: val
vanessa: nessa ness
victor: vic
victoria: vicki vicky tori vic vickie
vincent: vince vinnie vin
virginia: ginny ginger
vivienne: viv vivian
walter: wal wally walt
warren: waz
wayne: wazza
wendy: wen
wilfred: wilf
william: bill will billy willy liam
winifred: win winnie
yvonne: von
zachary: zac zach zack zak
"""

_NAMES_OF_THEIR_OWN: Final = word_set(
    """
    alexa alexi alfie allan allen anne annie anton archie bella ben beth betty carol cate charlie cindy
    dolly drew eliza ellen ellie eve evie frank fred freddie georgia gene gina graeme greta harry isabel jack
    jackie jake jamie jan jenna jerry jill joanna jon josie jude julie kate katie kay kit larry laurie leo lexi
    liam lily lisa lou lucy lynne mae maggie margot max mo molly nan nathan ned nell nicola paula penny pippa
    polly ray rita rory rose rosie sally sandra sandy sophie stewart tess tessa theo tina toby toni tori vivian will
    mohamed muhammad mohammad debra diane allison sofia sara rachael marge
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
        stuart/stewart lesley/leslie lawrence/laurence theresa/teresa
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


def _read_short_forms() -> dict[str, frozenset[str]]:
    stands_for: defaultdict[str, set[str]] = defaultdict(set)
    for line in _SHORT_FORMS.split("\n"):
        full, _, shorts = line.partition(":")
        for short in shorts.split():
            stands_for[short].add(full)
    return {short: frozenset(full) for short, full in stands_for.items()}


_STANDS_FOR: Final = _read_short_forms()
_FULL: Final = frozenset(full for names in _STANDS_FOR.values() for full in names)
_GIVEN: Final = _FULL | frozenset(_STANDS_FOR) | _OTHER_NAMES


def is_given_name(word: str) -> bool:
    """Say whether a folded word is in our table of given names; the table is far from complete."""
    return word in _GIVEN


def formal(word: str) -> str:
    """Return one stable name for all forms of a name (bob, robert: robert); unknown words are their own."""
    if word in _FULL:
        return word
    return min(_STANDS_FOR.get(word, (word,)))


def kinship(a: str, b: str) -> Kinship:
    """Say how two different folded given names relate, by the tables alone."""
    if frozenset((a, b)) in _SPELLINGS:
        return Kinship.SHORT
    full_of_a, full_of_b = _STANDS_FOR.get(a, frozenset()), _STANDS_FOR.get(b, frozenset())
    for short, full, names in ((a, b, full_of_a), (b, a, full_of_b)):
        if full in names:
            alone = _one_name(names) and short not in _NAMES_OF_THEIR_OWN
            return Kinship.SHORT if alone else Kinship.LOOSE
    return Kinship.LOOSE if full_of_a & full_of_b else Kinship.NONE


def _one_name(names: frozenset[str]) -> bool:
    """Whether all the names are spellings of one (Steve: Stephen, Steven)."""
    first, *others = sorted(names)
    return all(frozenset((first, other)) in _SPELLINGS for other in others)

"""What "the same client" means: one engine for `match`, and the duplicate check of `import`.

Pure: no input, no output, no clock. A pair's score is a sum of signed, named
pieces of evidence (`weights` is the table); `decide` holds the few rules that can
make a link sure. No tax number is read.
"""

from xpmsync.core.match.engine import Duplicate, Matching, Unsure, match
from xpmsync.core.match.frequencies import Context
from xpmsync.core.match.import_check import Candidate, Counterparts, find_counterparts
from xpmsync.core.match.score import evidence
from xpmsync.core.match.verdict import Band, Cap, Evidence, Verdict

__all__ = [
    "Band",
    "Candidate",
    "Cap",
    "Context",
    "Counterparts",
    "Duplicate",
    "Evidence",
    "Matching",
    "Unsure",
    "Verdict",
    "evidence",
    "find_counterparts",
    "match",
]

"""What "the same client" means: one engine for `match`, `search`, `import` and the duplicate check.

Pure: no input, no output, no clock. A pair's score is a sum of signed, named
pieces of evidence (`weights` is the table); `decide` holds the few rules that can
make a link sure. No tax number is read.
"""

from xpmsync.core.match.engine import Candidate, Duplicate, Matching, Unsure, candidates, match
from xpmsync.core.match.frequencies import Context
from xpmsync.core.match.score import evidence
from xpmsync.core.match.verdict import Band, Cap, Evidence, Verdict

__all__ = [
    "Band",
    "Candidate",
    "Cap",
    "Context",
    "Duplicate",
    "Evidence",
    "Matching",
    "Unsure",
    "Verdict",
    "candidates",
    "evidence",
    "match",
]

"""Which practice a sign-in leads to: asked of the server in every run, and compared with the one before."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from xpmsync.core.enums import System
from xpmsync.errors import AnotherPractice, Rejected, UnusableAnswer
from xpmsync.ignition.mcp import synonyms
from xpmsync.ignition.mcp.client import McpCalls
from xpmsync.ignition.mcp.field_map import Toolbox
from xpmsync.ignition.mcp.records import scalar
from xpmsync.ignition.mcp.responses import record_of
from xpmsync.ignition.mcp.schema import fold_keys
from xpmsync.ignition.routes import Facts
from xpmsync.local.system.json_files import table_in

__all__ = ["PracticeInfo", "ask_practice", "check_practice", "remember_practice", "remembered_practice"]

_FACT: Final = "ignition.practice"


@dataclass(frozen=True, slots=True)
class PracticeInfo:
    """The practice as the server names it. `id` is empty where it gives none; `details` are what tools may ask for."""

    name: str
    id: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    def is_same(self, other: PracticeInfo) -> bool:
        """Whether both are one practice: by id where both have one, else by name."""
        if self.id and other.id:
            return self.id == other.id
        return _plain(self.name) == _plain(other.name)


def ask_practice(calls: McpCalls, tools: Toolbox) -> PracticeInfo:
    """Ask which practice this is; raises `RouteUnfit` without the tool, `UnusableAnswer` without a name."""
    tool = tools.need("get_practice_info")
    answer = calls.read(tool, {})
    if answer.is_error:
        raise Rejected(System.IGNITION, tool.name, answer.reason)
    record = fold_keys(record_of(answer.payload, "practice"))
    name = scalar(record, ("name", "practicename", "businessname"))
    if not name:
        raise UnusableAnswer(System.IGNITION, tool.name, "no practice's name in it")
    details = {word: text for word in synonyms.PRACTICE_WORDS if (text := scalar(record, (word,)))}
    return PracticeInfo(name, scalar(record, ("id", "practiceid", "slug")), details)


def check_practice(practice: PracticeInfo, facts: Facts) -> None:
    """Remember the practice the first time; raises `AnotherPractice` where it is not the remembered one."""
    before = remembered_practice(facts)
    if before is not None and not before.is_same(practice):
        raise AnotherPractice(System.IGNITION, before.name, practice.name)
    if before is None or (before.name, before.id) != (practice.name, practice.id):
        remember_practice(practice, facts)


def remembered_practice(facts: Facts) -> PracticeInfo | None:
    """The practice this profile's links belong to, None where there was none yet."""
    stored = table_in(facts.fact(_FACT) or "")
    return PracticeInfo(str(stored.get("name", "")), str(stored.get("id", ""))) if stored else None


def remember_practice(practice: PracticeInfo, facts: Facts) -> None:
    """Make it the practice this profile's links belong to."""
    facts.note(_FACT, json.dumps({"name": practice.name, "id": practice.id}, ensure_ascii=False))


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())

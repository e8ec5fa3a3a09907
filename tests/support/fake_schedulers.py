"""Stand-ins for the programs of schedulers that this machine does not have: real processes, found on PATH.

Each does what the true one does as far as xpmsync uses it, refuses what that refuses,
and speaks another language than English where people would read it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are scripts with a #! line")

_HEAD: Final = """#!{python}
import os, plistlib, re, shlex, subprocess, sys
from pathlib import Path
from xml.etree import ElementTree

store = Path({store!r})
words = sys.argv[1:]
name = Path(sys.argv[0]).name
with (store / "calls").open("a", encoding="utf-8") as log:
    log.write(" ".join([name, *words]) + "\\n")
if (store / "broken").exists():
    sys.stderr.write("Zugriff verweigert\\n")
    sys.exit(5)

def start(command):
    if not (store / "idle").exists():
        subprocess.run(command, env={{"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}})
"""

_SCHTASKS: Final = r"""
def after(flag):
    return words[words.index(flag) + 1]

task = store / (after("/TN").strip("\\") + ".xml")
if words[0] == "/Create":
    raw = Path(after("/XML")).read_bytes()
    if raw[:2] != b"\xff\xfe" or "/F" not in words:
        sys.exit(1)
    text = raw[2:].decode("utf-16-le")
    ElementTree.fromstring(text.partition("?>")[2].strip())
    task.write_text(text, encoding="utf-8")
    print("ERFOLGREICH")
elif not task.exists():
    sys.stderr.buffer.write("FEHLER: Das System kann die Datei nicht finden\n".encode("cp850"))
    sys.exit(1)
elif words[0] == "/Query" and "/XML" in words:
    sys.stdout.buffer.write(task.read_text(encoding="utf-8").encode("cp850", "replace"))
elif words[0] == "/Run":
    spaces = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    tree = ElementTree.fromstring(task.read_text(encoding="utf-8").partition("?>")[2].strip())
    arguments = tree.findtext(".//t:Arguments", "", spaces)
    start([tree.findtext(".//t:Command", "", spaces), *shlex.split(arguments)])
elif words[0] == "/Delete":
    task.unlink()
"""

_LAUNCHCTL: Final = r"""
loaded = store / "loaded"
loaded.mkdir(exist_ok=True)
domain = f"gui/{os.getuid()}"
if words[0] == "bootstrap":
    held = plistlib.loads(Path(words[2]).read_bytes())
    mark = loaded / held["Label"]
    if words[1] != domain or mark.exists() or Path(words[2]).stat().st_mode & 0o022:
        sys.stderr.write("Bootstrap failed: 5: Input/output error\n")
        sys.exit(5)
    mark.touch()
    if held.get("RunAtLoad"):
        start(held["ProgramArguments"])
else:
    mark = loaded / words[1].removeprefix(f"{domain}/")
    if words[0] == "enable":
        sys.exit(0)
    if not mark.exists():
        sys.exit(113 if words[0] == "print" else 3)
    if words[0] == "bootout":
        mark.unlink()
"""

_SYSTEMCTL: Final = r"""
units = Path(os.environ["XDG_CONFIG_HOME"]) / "systemd" / "user"
verb, unit = words[1], words[-1]
enabled = store / "enabled"
enabled.mkdir(exist_ok=True)
if verb in {"enable", "restart"} and not (units / unit).exists():
    sys.exit(1)
if verb == "enable":
    (enabled / unit).touch()
elif verb == "is-enabled":
    sys.exit(0 if (enabled / unit).exists() else 1)
elif verb == "disable":
    (enabled / unit).unlink(missing_ok=True)
elif verb == "start":
    line = re.search("^ExecStart=(.*)$", (units / unit).read_text(encoding="utf-8"), re.M)[1]
    start([word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)])
"""

_CRONTAB: Final = r"""
table = store / "crontab"
if words == ["-l"]:
    if not table.exists():
        sys.stderr.write("no crontab for ada\n")
        sys.exit(1)
    sys.stdout.buffer.write(table.read_bytes())
else:
    given = sys.stdin.buffer.read()
    if (store / "forgets").exists():
        given = b""
    table.write_bytes(given)
"""


@dataclass(frozen=True)
class FakeSchedulers:
    """A folder of stand-ins on PATH, and what they keep."""

    store: Path

    @classmethod
    def on_path(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSchedulers:
        """Put the stand-ins before everything else on PATH, with a home of their own."""
        programs, store, home = folder / "bin", folder / "store", folder / "home"
        for place in (programs, store, home):
            place.mkdir()
        texts = {"schtasks": _SCHTASKS, "launchctl": _LAUNCHCTL, "systemctl": _SYSTEMCTL, "crontab": _CRONTAB}
        head = _HEAD.format(python=sys.executable, store=str(store))
        for name, text in texts.items():
            (programs / name).write_text(head + text, encoding="utf-8")
            (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
        monkeypatch.setenv("USERNAME", "ada")
        return cls(store)

    @property
    def crontab(self) -> Path:
        """The crontab as the stand-in keeps it."""
        return self.store / "crontab"

    @property
    def calls(self) -> list[str]:
        """Every call of a stand-in so far."""
        file = self.store / "calls"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def set(self, switch: str) -> None:
        """`broken`: nothing works; `idle`: nothing is started; `forgets`: crontab does not keep what it is given."""
        (self.store / switch).touch()

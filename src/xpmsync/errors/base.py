"""The base of all errors. Classes carry facts; `cli.errors` turns them into messages.

`code` is the machine name in JSON answers. No class holds a secret, and none
formats client data: a record is named by its `ClientRef` or id alone.
"""

from typing import ClassVar, dataclass_transform


@dataclass_transform(eq_default=False)
class XpmsyncError(Exception):
    """Anything xpmsync can explain to a person.

    Subclasses declare their facts and are constructed as dataclasses are. They are no
    dataclasses because thirty of them take a twentieth of the start of every command.
    """

    code: ClassVar[str] = "unexpected"
    _facts: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Record the names of the facts, in order."""
        own = (name for name, kind in cls.__annotations__.items() if not kind.startswith("ClassVar"))
        cls._facts = (*cls._facts, *own)

    def __init__(self, *values: object, **named: object) -> None:
        """Set the facts; raises `TypeError` for too many or too few."""
        super().__init__()
        facts = dict(zip(self._facts, values, strict=False))
        fits = len(facts) == len(values) and named.keys() <= {*self._facts} - facts.keys()
        facts.update(named)
        if not fits or any(name not in facts and not hasattr(self, name) for name in self._facts):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._facts)}")
        vars(self).update(facts)

    def __str__(self) -> str:
        """Name the facts, for test output; people read the message of `cli.errors`."""
        facts = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._facts)
        return f"{self.code}({facts})"

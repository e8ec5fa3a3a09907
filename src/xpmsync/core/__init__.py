"""The rules: frozen dataclasses and pure functions, without I/O, clock or settings look-up."""

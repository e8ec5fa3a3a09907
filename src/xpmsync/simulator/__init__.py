"""The built-in practice: made-up clients, an XPM server with the real wire format, an Ignition register.

Start with `builtin.open_practice` (the demo profile's practice, kept in a folder),
`server.PracticeServer` (any world, any faults, for tests and `practice serve`) and
`register.Register` (what Ignition would hold). Nobody in it exists.
"""

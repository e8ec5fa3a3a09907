"""The simulator: made-up clients, an XPM server with the real wire format, an Ignition register.

Start with `builtin.open_simulator` (the one of a rehearsal profile, kept in a folder),
`server.SimulatorServer` (any world, any faults, for tests and `simulator serve`) and
`register.Register` (what Ignition would hold). Nobody in it exists.
"""

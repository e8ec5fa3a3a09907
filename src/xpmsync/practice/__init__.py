"""The built-in practice: made-up clients, an XPM server with the real wire format, an Ignition register."""

"""The simulator's Ignition: register, export and upload."""

"""Route csv: Ignition through its export and import files."""

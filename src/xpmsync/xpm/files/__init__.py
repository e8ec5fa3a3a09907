"""Route files: XPM by its export, report and import files."""

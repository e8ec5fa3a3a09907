"""The TOML settings file."""

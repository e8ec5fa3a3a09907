"""The keyring and the token file."""

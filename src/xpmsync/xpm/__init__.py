"""The XPM API behind the store port: streaming XML in, minimal XML out, sign-in, limits."""

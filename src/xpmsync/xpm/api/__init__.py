"""XPM through its API: streaming XML in, minimal XML out, sign-in, rate limits."""

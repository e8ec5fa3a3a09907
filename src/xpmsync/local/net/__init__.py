"""HTTP, rate limits, what both OAuth sign-ins share, e-mail and webhooks."""

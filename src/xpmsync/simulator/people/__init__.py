"""Made-up clients, seeded and generated. Nobody in them exists."""

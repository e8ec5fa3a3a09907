"""Ignition behind the store port, one module a route."""

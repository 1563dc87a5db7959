"""Environments: what something needs to run, and making it, once for each different need."""

"""Errors, settings, ids, time, logging: what everything else stands on."""

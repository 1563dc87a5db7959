"""Entities as immutable structs, and the rules for them. Nothing here reads or writes anything."""

"""MLflow's REST format: routes, messages, errors.

``encode`` and ``encode_*`` go towards the wire: from domain objects to messages, and from messages to JSON or query
strings. ``decode`` and ``decode_*`` go the other way.
"""

"""MLflow's REST format: routes, messages, errors.

``encode_*`` turns domain objects into messages, ``decode_*`` messages into domain objects.
"""

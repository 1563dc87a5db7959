"""HTTP to a tracking server: one session, one error tree, retries that never repeat an effect."""

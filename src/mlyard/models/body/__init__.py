"""The bodies of scoring requests and of their answers: one reader and one writer for all who call a model."""

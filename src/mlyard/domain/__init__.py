"""The nouns: frozen structs and the rules for them, without any input or output."""

"""What stores must do: one protocol for each kind of entity."""

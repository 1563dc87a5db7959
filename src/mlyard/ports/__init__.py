"""What a store must do, one protocol a noun."""

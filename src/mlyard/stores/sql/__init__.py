"""The ports in SQL: SQLite."""

"""The ports in SQL: SQLite and PostgreSQL."""

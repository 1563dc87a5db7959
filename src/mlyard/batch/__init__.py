"""Scores files: in this process, on Ray or on Spark."""

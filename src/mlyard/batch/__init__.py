"""Scoring of files: here, on Ray or on Spark."""

"""``python -m mlyard``."""

from mlyard.cli.main import main

main()

"""What takes more than one port: artifact access by run or model, and registration."""

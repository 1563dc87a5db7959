"""Projects: folders with code and an MLproject file that says how to run it."""

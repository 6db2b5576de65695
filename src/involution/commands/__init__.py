"""The commands at a terminal, a module each: they read what was typed, call the library once and say what came out."""

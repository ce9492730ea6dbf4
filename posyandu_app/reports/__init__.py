"""Tables, files and analysis; pandas and numpy live here and are imported lazily."""

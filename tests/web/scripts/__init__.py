"""Each script of the pages by itself."""

"""Message catalogues. English stands in the code; every other language has a `.po` file here.

After changing words in the code: `make messages`, then translate what is empty. A test fails while something is.
"""

"""`python -m bot`: the conversations alone, the same as `tiffin run --only bot`."""

from bot.cli import main

if __name__ == "__main__":
    main(["run", "--only", "bot"])

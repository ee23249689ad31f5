"""`python -m webhooks`: the web door alone, the same as `tiffin run --only webhooks`."""

from bot.cli import main

if __name__ == "__main__":
    main(["run", "--only", "webhooks"])

"""The demo's own secrets: made once, kept beside its data, so that a restart does not sign everybody out."""

import json
import os
import secrets
from pathlib import Path

_NAMES = ("jwt_secret", "otp_secret")


def demo_secrets(data: Path) -> dict[str, str]:
    """The secrets in `data`/secrets.json, readable by its owner alone; made when they are not there yet.

    Two first starts at once end with the same secrets: the file appears whole, and only one of them makes it appear.
    """
    path = data / "secrets.json"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        draft = data / f".secrets-{os.getpid()}-{secrets.token_hex(4)}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({name: secrets.token_urlsafe(48) for name in _NAMES}, file)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    held = json.loads(path.read_text(encoding="utf-8"))
    return {name: str(held[name]) for name in _NAMES}

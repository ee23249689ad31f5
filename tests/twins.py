"""Twins of guarded code with the guard taken out, so that a race test shows what the guard is for."""

from hashlib import sha1

from core.connections import LuaScript


def without_guard(script: LuaScript, guard: str, instead: str) -> LuaScript:
    """The same script with `guard` replaced. Fails when the guard is not there, so a twin never goes stale."""
    assert guard in script.text, f"{script.file} has no {guard!r}"
    twin = LuaScript(script.package, script.file)
    twin.text = script.text.replace(guard, instead)
    twin.sha = sha1(twin.text.encode(), usedforsecurity=False).hexdigest()
    return twin

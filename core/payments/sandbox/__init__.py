"""Payments played on this machine, with a real ledger and real news, and no money."""

from core.payments.sandbox.provider import SandboxProvider

__all__ = ["SandboxProvider"]

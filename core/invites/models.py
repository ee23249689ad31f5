"""What a code is for."""

from dataclasses import dataclass

from core.audit.models import Act
from core.ids import Handle, OutletId
from core.models import Document
from core.staff.models import Role

SHELL = Handle("shell:tiffin")  # whoever has the machine; no channel hands out such a name


@dataclass(frozen=True, slots=True)
class BindGroup:
    """Make the group in which the code is written the outlet's."""

    outlet: OutletId

    def __str__(self) -> str:
        return f"bind_group:{self.outlet}"


@dataclass(frozen=True, slots=True)
class JoinStaff:
    """Let whoever brings the code work at the outlet."""

    outlet: OutletId
    role: Role

    def __str__(self) -> str:
        return f"staff:{self.outlet}:{self.role}"


Purpose = BindGroup | JoinStaff


def read_purpose(written: str) -> Purpose:
    """The other way round. Raises ValueError for what was never written."""
    match written.split(":"):
        case ["bind_group", outlet]:
            return BindGroup(OutletId(outlet))
        case ["staff", outlet, role]:
            return JoinStaff(OutletId(outlet), Role(role))
    raise ValueError(f"no purpose: {written!r}")


class Invite(Document):
    """A code that was made. The code itself is not stored."""

    id: str  # inv_<fingerprint>
    written_purpose: str
    made_by: Handle
    made_name: str = ""
    made_ms: int
    until_ms: int

    @property
    def purpose(self) -> Purpose:
        return read_purpose(self.written_purpose)

    @property
    def outlet(self) -> OutletId:
        return self.purpose.outlet


class Claim(Document):
    """Who used an invite: one document an invite, so that the first one stays the only one."""

    id: str  # the invite's
    by: Handle
    update: str  # the message it was used with; the same message again is the same use
    at_ms: int


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh code, shown once to whoever asked for it, and that it was made, as the audit has it."""

    code: str
    until_ms: int
    act: Act

# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The list of what is not partitioned, with reasons: it may only shrink.

``unpartitioned.txt`` has a heading for each primitive and reason, and below it the
cases, each with those of its dims for which that is the reason. A case that stands
there as ``(whole)`` has no dim that is partitioned.
"""

import dataclasses
from collections import defaultdict
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("unpartitioned.txt")
WHOLE = "(whole)"


@dataclasses.dataclass
class Listed:
    """Reasons by primitive, case and dim.

    Attributes:
      reasons: by (primitive, case, dim) why the dim is not partitioned.
    """

    reasons: dict[tuple[str, str, str], str] = dataclasses.field(default_factory=dict)

    @property
    def cases(self) -> list[str]:
        """The cases of which no dim is partitioned."""
        return [case for _, case, dim in self.reasons if dim == WHOLE]

    @classmethod
    def of(cls, records: list[dict[str, Any]]) -> "Listed":
        """What is not partitioned in these records."""
        listed = cls()
        for record in records:
            pairs = [one for one in record["outcomes"] if one["pair"]]
            for pair in pairs:
                if not pair["is_partitioned"]:
                    key = (record["primitive"], record["name"], pair["pair"])
                    listed.reasons[key] = pair["reason"]
            if not any(pair["is_partitioned"] for pair in pairs):
                why = record["unsupported"] or "no dim divides"
                why = pairs[0]["reason"] if pairs else why
                listed.reasons[record["primitive"], record["name"], WHOLE] = why
        return listed

    @classmethod
    def read(cls) -> "Listed":
        """The list in the repository."""
        listed = cls()
        primitive = reason = ""
        for line in LIST.read_text().splitlines() if LIST.exists() else ():
            if not line or line.startswith("#"):
                continue
            if line.startswith("  "):
                case, *dims = line.split()
                for dim in dims:
                    listed.reasons[primitive, case, dim] = reason
            else:
                primitive, _, reason = line.partition(": ")
        return listed

    def merged(self, other: "Listed", records: list[dict[str, Any]]) -> "Listed":
        """This list, with what ``other`` says of the cases that were run."""
        run = {record["name"] for record in records}
        kept = {key: why for key, why in self.reasons.items() if key[1] not in run}
        return Listed(kept | other.reasons)

    def write(self) -> None:
        """Makes this the list in the repository."""
        groups: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for (primitive, case, dim), reason in self.reasons.items():
            groups[primitive, reason][case].append(dim)
        lines = ["# What is not partitioned: see unpartitioned.py. Made by run.py."]
        for (primitive, reason), cases in sorted(groups.items()):
            lines += ["", f"{primitive}: {reason}"]
            lines += [
                f"  {case} {' '.join(sorted(cases[case]))}" for case in sorted(cases)
            ]
        LIST.write_text("\n".join(lines) + "\n")

    def compare(self, found: "Listed", records: list[dict[str, Any]]) -> list[str]:
        """What this list lacks of ``found``, and what has no place in it any more."""
        run = {record["name"] for record in records}
        faults = [
            f"{case}: {dim} is not partitioned, and not in the list: {reason}"
            for (primitive, case, dim), reason in sorted(found.reasons.items())
            if (primitive, case, dim) not in self.reasons
        ]
        faults += [
            f"{case}: {dim} is partitioned by now: take it off the list (--update)"
            for primitive, case, dim in sorted(self.reasons)
            if case in run and (primitive, case, dim) not in found.reasons
        ]
        return faults

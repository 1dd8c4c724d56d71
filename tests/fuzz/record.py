"""What came of a run: how many of which kind, how long they took, and what was found."""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Finding:
    """A frame that broke a rule, and how often others did so in the same way."""

    frame: str | bytes
    trace: str
    count: int = 1


@dataclass(slots=True)
class Record:
    """Figures of a run; durations in seconds."""

    frames: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_frame: str | bytes = ""
    findings: dict[str, Finding] = field(default_factory=dict)

    def note(self, text: str | bytes, outcome: str, took: float) -> None:
        self.frames += 1
        self.outcomes[outcome] += 1
        if took > self.slowest:
            self.slowest, self.slowest_frame = took, text

    def found(self, text: str | bytes, error: BaseException) -> None:
        """Keep a finding once for each place from which it came."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno} " if frames else ""
        where = f"{type(error).__name__} {place}{str(error)[:60]}"
        if where in self.findings:
            self.findings[where].count += 1
        else:
            trace = "".join(traceback.format_exception(error)[-6:])
            self.findings[where] = Finding(text, trace)

    def __str__(self) -> str:
        lines = [f"{self.frames} frames in {self.seconds:.0f} s, {len(self.findings)} kinds of findings"]
        lines += [f"  {count:9} {kind}" for kind, count in self.outcomes.most_common()]
        lines.append(f"  slowest: {self.slowest * 1000:.1f} ms, {shown(self.slowest_frame)}")
        for where, finding in self.findings.items():
            lines.append(f"* {where} × {finding.count}\n  {shown(finding.frame, 1000)}\n{finding.trace}")
        return "\n".join(lines)


def shown(text: str | bytes, longest: int = 100) -> str:
    """A frame for people: its length and how it begins."""
    return f"{len(text)} long: {text[:longest]!r}"

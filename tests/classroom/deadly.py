"""What a worker does in place of grading, where one submission ends the worker's own process each time."""

from __future__ import annotations

import os
import signal

from grader.classroom import desks
from grader.classroom.examiner import Task


def grade_there(name: str, task: Task) -> desks.Answer:
    if task.key == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return desks.grade_there(name, task)

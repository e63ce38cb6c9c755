"""The folder ``checks/`` of an assignment: one file a question, loaded as modules."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import types
from importlib.machinery import FileFinder
from pathlib import Path

from grader.checking.question import Question
from grader.checking.sourceloader import EditedFileLoader
from grader.errors import AssignmentError

__all__ = ["ChecksFolder"]


class ChecksFolder:
    """Loads checks files as modules of a package of their own, so that they may share helpers (``from ._x import``).

    A question is loaded once: whoever runs many submissions keeps the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = f"_grader_checks_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
        for name in [name for name in sys.modules if name.partition(".")[0] == self.package]:
            del sys.modules[name]  # an edited file is read again
        sys.path_importer_cache[str(folder)] = FileFinder(str(folder), (EditedFileLoader, [".py"]))  # for the helpers
        package = types.ModuleType(self.package)
        package.__path__ = [str(self.folder)]
        sys.modules[self.package] = package
        self._loaded: dict[str, Question] = {}

    def question(self, name: str) -> Question:
        """Load one question, or return it if it was loaded before.

        Raises:
            AssignmentError: its file is missing or wrong.
        """
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> Question:
        path = self.folder / f"{name}.py"
        if not path.is_file():
            raise AssignmentError(f"{path} is missing: write it, or take '{name}' out of the list of questions")
        loader = EditedFileLoader(f"{self.package}.{name}", str(path))
        spec = importlib.util.spec_from_file_location(loader.name, path, loader=loader)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except AssignmentError:
            raise
        except Exception as error:
            line = _last_line_in(error, self.folder)
            raise AssignmentError(f"{line or path}: {type(error).__name__}: {error}") from error
        question = getattr(module, "question", None)
        if not isinstance(question, Question) or question.name != name:
            raise AssignmentError(f"{path} should say: question = Question({name!r}, …)")
        if not question.title:
            first = (module.__doc__ or "").strip().partition("\n")[0]
            question.title = first.removeprefix(f"{name}:").strip().rstrip(".") or name
        return question


def _last_line_in(error: BaseException, folder: Path) -> str:
    found = ""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename} line {error.lineno}"
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if Path(file).parent == folder:
            found = f"{file} line {trace.tb_lineno}"
        trace = trace.tb_next
    return found

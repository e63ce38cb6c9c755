"""Finds and loads the student's modules, by the grader's table, without byte code and in spite of stray imports."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import ModuleType, TracebackType
from typing import Any, NoReturn

from .failures import Failures, failure, message_of
from .standins import Absent, python2_helper, stand_in

__all__ = ["Importer"]

MAX_STAND_INS = 30
Remark = dict[str, Any]


class StudentLoader(SourceFileLoader):
    """Loads one file of the submission. Byte code is neither read (it may be stale, or forged) nor written."""

    def get_data(self, path: str) -> bytes:
        """Return the file's bytes; say what is wrong with an encoding that Python only stumbles over."""
        data = super().get_data(path)
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise SyntaxError("it is saved as UTF-16: save it as UTF-8", (path, 1, 0, ""))
        if b"\0" in data:
            raise SyntaxError("it holds zero bytes, so it is no text: save it as UTF-8", (path, 1, 0, ""))
        return data

    def path_stats(self, path: str) -> NoReturn:
        """Say that nothing is known of the file, without which no byte code is looked for."""
        raise OSError("no byte code")

    def _cache_bytecode(self, source_path: str, bytecode_path: str, data: Any) -> None:
        """Keep nothing."""


class AliasLoader:
    """Gives a module a second name: the same object, imported once."""

    def __init__(self, target: str) -> None:
        self._target = target

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave making the module to the import system; it is thrown away."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the other module in its place."""
        sys.modules[module.__name__] = importlib.import_module(self._target)


class PackageLoader:
    """Makes a package of folders. An ``__init__.py`` there is run; when it fails, that is remarked, and no matter."""

    def __init__(self, importer: Importer, folders: Sequence[str]) -> None:
        self._importer = importer
        self._folders = folders

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave making the module to the import system."""

    def exec_module(self, module: ModuleType) -> None:
        """Run what ``__init__.py`` there is."""
        for folder in self._folders:
            path = os.path.join(folder, "__init__.py")
            if not os.path.isfile(path):
                continue
            try:
                code = self._importer.loader(module.__name__, path).get_code(module.__name__)
                if code is not None:
                    exec(code, module.__dict__)
            except (Exception, SystemExit) as error:
                if isinstance(error, ImportError) and self._importer.stray(error) is not None:
                    raise  # it will be stood in for, and this be run again
                reply = self._importer.failures.raised(error, importing=True)["error"]
                message = f"{reply['type']}: {reply['message']}"
                self._importer.remark(reply["frame"], kind="init", module=module.__name__, name=message)


class Importer:
    """The first of the interpreter's finders: knows the submission's modules, and what stands in for absent ones.

    What was noticed while importing is collected in ``remarks``.
    """

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.modules: Mapping[str, str] = request["modules"]
        self.aliases: Mapping[str, str] = request["aliases"]
        self.packages: Mapping[str, Sequence[str]] = request["packages"]
        self.missing: Mapping[str, str] = request["missing"]
        self.search: Sequence[str] = request["search"]
        self.failures = Failures(self.modules.values(), self.search)
        self.remarks: list[Remark] = []
        self._absent: set[str] = set()
        self._importing = 0

    def install(self) -> None:
        """Let the interpreter ask here first; the submission's folder itself is searched last of all."""
        sys.meta_path.insert(0, self)
        sys.meta_path.append(_Python2Finder())
        sys.path_hooks.insert(0, self._finder_for)
        sys.path.extend(self.search)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find a module of the table, or one that is known to be absent."""
        if name in self.modules:
            location = self.modules[name]
            return spec_from_file_location(name, location, loader=StudentLoader(name, location))
        if name in self.aliases:
            return _spec(name, AliasLoader(self.aliases[name]))
        if name in self.packages:
            spec = _spec(name, PackageLoader(self, self.packages[name]), package=True)
            spec.submodule_search_locations = list(self.packages[name])
            return spec
        if name in self.missing:
            raise ImportError(self.missing[name], name=name)
        if any(name == absent or name.startswith(f"{absent}.") for absent in self._absent):
            return _spec(name, stand_in(name, self.lenient), package=True)
        return None

    def loader(self, name: str, path: str) -> StudentLoader:
        """Return the loader of a file that is found in the submission's folder, not in the table."""
        real = os.path.realpath(path)
        if not any(real.startswith(root) for root in self.failures.roots):
            raise ImportError(f"{os.path.basename(path)} is a link to a place outside of the submission", name=name)
        return StudentLoader(name, path)

    def _finder_for(self, path: str) -> FileFinder:
        """Return the finder of one folder of the submission; other folders are not for us."""
        folder = os.path.join(os.path.abspath(path), "")
        if not any(folder.startswith(root) for root in self.failures.roots):
            raise ImportError("no folder of the submission")
        return FileFinder(path, (self.loader, [".py"]))  # type: ignore[arg-type]  # a function that makes a loader

    def lenient(self) -> bool:
        """Return whether files are being imported, so that stand-ins should bear with them."""
        return self._importing > 0

    def load(self, name: str) -> tuple[ModuleType | None, dict[str, Any] | None]:
        """Import a module of the submission: return it, or the reply that says why it cannot be.

        What the student imports and is not here is stood in for, and the import tried once more.
        """
        self._importing += 1
        try:
            for _ in range(MAX_STAND_INS):
                try:
                    return importlib.import_module(name), None
                except ImportError as error:
                    if not self._stand_in(error):
                        return None, self.failures.raised(error, importing=True)
                    self._forget()
                except BaseException as error:  # also SystemExit: the student's file raised it
                    return None, self.failures.raised(error, importing=True)
            return None, failure(
                "raised", f"it imports more than {MAX_STAND_INS} things that are not here", importing=True
            )
        finally:
            self._importing -= 1

    def shown(self, name: str) -> str | None:
        """Return the file of a module of the table as the student knows it."""
        return self.failures.shown(self.modules.get(name, ""))

    def remark(self, frame: dict[str, Any] | None, *, kind: str, module: str, name: str = "") -> None:
        """Note something for the student that stops nothing."""
        if frame is not None and len(self.remarks) < MAX_STAND_INS:
            self.remarks.append({"frame": frame, "kind": kind, "module": module, "name": name})

    def stray(self, error: ImportError) -> tuple[str, str] | None:
        """Return the module, and the name in it, that a student's line imports and that cannot be had here.

        None where the submission itself is to blame, or the line is known already.
        """
        trace = self.failures.last_trace(error)
        if trace is None:
            return None
        library = _library_after(trace)
        if library is not None:  # the student's line imports a module which cannot import what it needs
            return None if library in self._absent else (library, "")
        if error.name is None or self._ours(error.name):
            return None
        if isinstance(error, ModuleNotFoundError):
            return None if error.name in self._absent else (error.name, "")
        found = re.match(r"cannot import name '(\w+)' from '([\w.]+)'", message_of(error))
        if found is None or found[2] not in sys.modules or self._is_students(sys.modules[found[2]]):
            return None
        return found[2], found[1]

    def _stand_in(self, error: ImportError) -> bool:
        stray = self.stray(error)
        if stray is None:
            return False
        module, name = stray
        shadowed = any(
            os.path.exists(os.path.join(root, *module.split(".")) + end) for root in self.search for end in ("", ".py")
        )
        kind = "shadowed" if name and shadowed else "absent"
        self.remark(self.failures.last_frame(error), kind=kind, module=module, name=name)
        if name:
            setattr(sys.modules[module], name, Absent(f"{module}.{name}", self.lenient))
        else:
            self._absent.add(module)
        return True

    def _ours(self, name: str) -> bool:
        return name in self.modules or name in self.aliases or name in self.packages or name in self.missing

    def _is_students(self, module: ModuleType) -> bool:
        loader = getattr(getattr(module, "__spec__", None), "loader", None)
        return isinstance(loader, (StudentLoader, AliasLoader, PackageLoader))

    def _forget(self) -> None:
        """Take the submission's modules out, also half-imported ones, so that they are imported again."""
        for name, module in list(sys.modules.items()):
            if self._ours(name) or self._is_students(module):
                del sys.modules[name]


class _Python2Finder:
    """Asked when nobody else knows a module."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        loader = python2_helper(name)
        return _spec(name, loader, package=True) if loader is not None else None


def _spec(name: str, loader: Any, *, package: bool = False) -> ModuleSpec:
    return ModuleSpec(name, loader, is_package=package)


def _library_after(trace: TracebackType) -> str | None:
    """Return the module that goes on where a traceback leaves student code, apart from the import system itself."""
    after = trace.tb_next
    while after is not None:
        name = after.tb_frame.f_globals.get("__name__", "")
        if not str(name).startswith(("importlib", "_grader")) and "importlib" not in after.tb_frame.f_code.co_filename:
            return str(name)
        after = after.tb_next
    return None

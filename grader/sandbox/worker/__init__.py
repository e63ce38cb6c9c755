"""The worker: the process in which a student's code runs. Started by path, never imported by the grader.

It reads frames (see ``wire.py``) from its standard input and writes one reply to each on its standard output;
both are moved to private descriptors before any student code runs, and what the student prints goes to the pipe
on descriptor 2. It knows nothing of checks, expected values or verdicts, and imports nothing of ours but the codec.

In front of each frame is a stamp: a request's number, the seconds it may take, whether to drop all values kept so far
before it, and the seed to draw random numbers from, if that is new; a reply's is the number once more, and the seconds
that the student's code took. Requests are dicts with ``op``:

``setup``   ``modules`` {name: path}, ``aliases`` {name: name}, ``packages`` {name: [folder]}, ``missing``
            {name: why}, ``search`` [folder], ``memory`` (bytes or None), ``cuda`` (whether it may be used);
            ``isolation``: ``tier``, ``folders`` and ``files`` of the submission, to be read, ``scratch``, a folder to
            be written to, ``room`` (bytes in it). Gives the names of the layers that stand
``load``    ``module``: import it
``call``    ``module`` + ``name``, or ``handle`` + ``name`` for a method; ``args`` tuple, ``kwargs`` dict, if any;
            ``given``, if any: {attribute: value} to set before, as ``set`` does;
            ``keep``, if any: positions of results that stay here as handles, ``"all"`` for the whole result
``get``     ``handle``, ``name``: an attribute's value; without ``name``, the value itself
``set``     ``handle``, ``name``, ``value``: a dict is put into the present dict key by key, others are assigned
``keep``    ``value``: store a value here and give back its handle
``prepare`` ``library``: import it, if it is there; the value says why it cannot be imported although it is, or nothing
``make``    ``library`` + ``name``, ``args``, ``kwargs``: call something of an installed library (an optimiser's class,
            a loader's) and keep what it returns
``parameters``  ``handle`` of a ``torch.nn.Module``, ``gradients``: its parameters by name, or their gradients
``cuda``    what torch finds of CUDA: ``{"device": None or its name, "name", "why"}``; initialises it
``mark``    ``token``: write it to the student's output, so that the grader knows where a question's prints end

Replies: ``{"ok": True, "value", "changed", "remarks"}``, without lists that are empty, or
``{"ok": False, "error": {...}}`` with ``kind`` ("raised", "missing", "arity", "unwritten", "unsendable"),
``importing``, ``file`` (what was imported), ``type``, ``base`` (the built-in exception that it is one of), ``message``
and ``frame`` (file, line, function, source line) of the last line of student code, where there was one. All of it may
be forged: nothing in a reply can make a fault of the grader's.
"""

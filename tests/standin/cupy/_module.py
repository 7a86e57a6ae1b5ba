"""Kernels: the very source, compiled for the host, their arguments checked.

Where the source has `__CUDACC__`, a compiler for devices reads one branch, and one for the host the other,
with loops in place of threads. How the threads share the work is read in the first, so that a grid that is
too small is refused. Under `standin.threads` the first runs too, thread by thread (`threads.h`).
"""

import ctypes
import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from cupy import _memory, standin
from cupy._array import ndarray

COMPILER = shutil.which("g++") or shutil.which("clang++") or shutil.which("c++")
# Products and sums are fused where the source says so, and a processor that can fuse them does it fast.
NATIVE = ("-march=native",) if platform.machine() in ("x86_64", "AMD64") else ()
OPTIONS = ("-std=c++20", "-O2", "-ffp-contract=off", "-w", "-fPIC", "-shared", *NATIVE)
STATIC = 48 << 10  # bytes that a block has without asking for more
_TAKEN = {"-std=c++20", "-std=c++17", "--fmad=false", "-fmad=false"}
_TYPES = {
    "double": "float64",
    "f64": "float64",
    "float": "float32",
    "f32": "float32",
    "long long": "int64",
    "i64": "int64",
    "unsigned long long": "uint64",
    "u64": "uint64",
    "int": "int32",
    "unsigned": "uint32",
    "unsigned int": "uint32",
    "u32": "uint32",
    "signed char": "int8",
    "unsigned char": "uint8",
    "bool": "bool",
}
_KERNEL = re.compile(
    r'extern "C" __global__ void (?:__launch_bounds__\(\d+\) )?(\w+)\s*\(([^)]*)\)\s*\{'
)
_PARAMETER = re.compile(r"(const )?\s*([a-z][a-z0-9 ]*?)\s*(\*?)\s*(?:__restrict__)?\s*(\w+)")


class CompileException(Exception):
    """The source is not C++."""


def compiled(code):
    """Return the text of a source that a device's compiler reads."""
    return _kept(code, ["-std=c++20", "-E", "-P", "-D__CUDACC__"], "ii").read_text()


@functools.cache
def _processor():
    """Return what tells one processor from another."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    flags = [line for line in lines if line.startswith("flags")]
    return flags[0] if flags else platform.processor()


def _kept(code, options, suffix):
    """Return the file that the compiler makes of a source: once, for all processes."""
    if COMPILER is None:
        raise CompileException("the stand-in for a device needs a C++ compiler: g++ or clang++")
    import filelock

    decides = (COMPILER, *options, _processor(), code)
    digest = hashlib.sha256("\0".join(decides).encode()).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"standin-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    out = folder / f"{digest}.{suffix}"
    with filelock.FileLock(folder / f"{digest}.lock"):
        if not out.exists():
            source = folder / f"{digest}.cpp"
            source.write_text(code)
            _run(source, options, out)
    return out


def _run(source, options, out):
    part = out.with_suffix(".part")
    run = subprocess.run(
        [COMPILER, *options, str(source), "-o", str(part)],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise CompileException(run.stderr)
    part.replace(out)


def _body(text, start):
    depth = 1
    for end in range(start, len(text)):
        depth += (text[end] == "{") - (text[end] == "}")
        if depth == 0:
            return text[start:end]
    return text[start:]


def signatures(text):
    """Return, by kernel, its parameters (C type, whether a pointer, name) and how threads share its items."""
    found = {}
    for match in _KERNEL.finditer(text):
        parameters = []
        for one in match[2].split(","):
            of = _PARAMETER.fullmatch(" ".join(one.split()))
            if of is None or of[2].strip() not in _TYPES:
                raise CompileException(f"{match[1]}: {one.strip()!r} is no parameter that is known")
            parameters.append((_TYPES[of[2].strip()], bool(of[3]), of[4]))
        found[match[1]] = (tuple(parameters), _share(_body(text, match.end())))
    return found


def _share(body):
    """Return how a kernel's threads share its items: by what it reads of where they are."""
    if "gridDim" in body:
        return "stride"
    if "blockIdx.y" in body:
        return "pair"
    return "thread" if "threadIdx" in body else "block" if "blockIdx" in body else "none"


class RawModule:
    """CuPy's, of a source; compiled when a function is first asked for."""

    def __init__(self, *, code=None, path=None, options=(), backend="nvrtc", **others):
        if path is not None or backend != "nvrtc" or any(others.values()) or code is None:
            raise TypeError("RawModule: takes code and options in the stand-in")
        if not isinstance(options, tuple) or set(options) - _TAKEN:
            raise ValueError(f"options: got {options}; the stand-in knows {sorted(_TAKEN)}")
        self.code = code

    @functools.cached_property
    def kernels(self):
        """By name, the parameters (dtype, whether an array, name) and how threads share the items."""
        return signatures(compiled(self.code))

    @functools.cached_property
    def loops(self):
        """The library with loops in place of threads."""
        return ctypes.CDLL(str(_kept(self.code, OPTIONS, "so")))

    @functools.cached_property
    def threads(self):
        """The library of a device's branch, run thread by thread; it has its own launch of each kernel."""
        dynamic = r"extern __shared__ ([\w ]+?) (\w+)\[\];"
        code = re.sub(dynamic, r"\1 *\2 = (\1 *)standin::near_.data();", self.code)
        launches = "".join(_launch(name, *self.kernels[name]) for name in self.kernels)
        whole = f"{_THREADS.read_text()}{code}{launches}"
        return ctypes.CDLL(str(_kept(whole, OPTIONS, "so")))

    def compile(self, log_stream=None):
        return self.kernels and self.loops

    def get_function(self, name):
        if name not in self.kernels:
            from cupy.cuda.driver import CUDADriverError

            raise CUDADriverError(f"CUDA_ERROR_NOT_FOUND: named symbol not found ({name})")
        return Function(self, name)


_THREADS = Path(__file__).with_name("threads.h")
_SAID = (
    "",
    "threads of a warp or a block part ways at a barrier",
    "a thread left before a barrier",
)
_SAID += ("written beside the memory of a block",)


def _launch(name, parameters, share):
    """Return C++ of the launch of a kernel thread by thread."""
    words = {
        "float64": "double",
        "float32": "float",
        "int64": "long long",
        "uint64": "unsigned long long",
    }
    words |= {"int32": "int", "uint32": "unsigned", "bool": "bool"}
    given = ", ".join(f"{'void *' if a else words[kind] + ' '}{one}" for kind, a, one in parameters)
    types = words | {"int8": "signed char", "uint8": "unsigned char"}
    passed = ", ".join(f"({types[kind]} *){one}" if a else one for kind, a, one in parameters)
    return (
        f'\nextern "C" int standin_{name}(long long x_, long long y_, int threads_, bool reverse_,'
        f" long long near_, {given}) {{ return standin::run(x_, y_, threads_, reverse_,"
        f" {'true' if share == 'block' else 'false'}, near_, [&] {{ {name}({passed}); }}); }}\n"
    )


class Function:
    """A kernel."""

    def __init__(self, module, name):
        self.name, self._module = name, module
        self._parameters, self._share = module.kernels[name]
        self._types = [
            ctypes.c_void_p if pointer else np.ctypeslib.as_ctypes_type(kind)
            for kind, pointer, _ in self._parameters
        ]
        self._loops = getattr(module.loops, name)
        self._loops.restype, self._loops.argtypes = None, self._types
        self.max_dynamic_shared_size_bytes = 0

    @functools.cached_property
    def _by_threads(self):
        call = getattr(self._module.threads, f"standin_{self.name}")
        head = [
            ctypes.c_longlong,
            ctypes.c_longlong,
            ctypes.c_int,
            ctypes.c_bool,
            ctypes.c_longlong,
        ]
        call.restype, call.argtypes = ctypes.c_int, [*head, *self._types]
        return call

    def __call__(self, grid, block, args, *, shared_mem=0, stream=None):
        if not (isinstance(grid, tuple) and isinstance(block, tuple)):
            raise TypeError("grid and block: takes tuples")
        if len(args) != len(self._parameters):
            raise TypeError(
                f"{self.name}: got {len(args)} arguments; takes {len(self._parameters)}"
            )
        words, blocks, size = [], [], 0
        for argument, parameter in zip(args, self._parameters, strict=True):
            if parameter[1]:
                a = self._array(argument, *parameter)
                words.append(a.ctypes.data)
                blocks.append(argument._block)
                size += a.nbytes
            else:
                words.append(self._number(argument, *parameter))
        self._shared(grid, block, words)
        self._near(shared_mem)
        order = standin.order()
        if order is None:
            self._loops(*words)
        else:
            across, down = (max(1, x) for x in (*grid, 1)[:2])
            said = self._by_threads(across, down, block[0], order == "reverse", shared_mem, *words)
            if said:
                raise _memory.WrittenOutOfBounds(f"{self.name}: {_SAID[said]}")
        _memory.look(blocks, self.name)
        standin.launched(self.name, size)

    def _near(self, size):
        """Refuse memory of a block that there is not."""
        most = max(STATIC, self.max_dynamic_shared_size_bytes)
        if size > min(most, standin.block_memory()):
            raise ValueError(f"{self.name}: {size} bytes of a block's; at most {most} here")

    def _array(self, argument, kind, _, name):
        if isinstance(argument, np.ndarray):
            raise TypeError(
                f"You are trying to pass a numpy.ndarray of shape {argument.shape} as a kernel parameter "
                f"({self.name}, {name}): Unsupported type {type(argument)}"
            )
        if type(argument) is not ndarray:
            raise TypeError(
                f"{self.name}, {name}: Unsupported type {type(argument)}; takes an array"
            )
        if argument.dtype != kind:
            raise TypeError(f"{self.name}, {name}: got an array of {argument.dtype}; takes {kind}")
        if not argument.flags.c_contiguous:
            raise ValueError(f"{self.name}, {name}: got strides {argument.strides}; takes none")
        return argument._a

    def _number(self, argument, kind, _, name):
        if isinstance(argument, np.ndarray) or type(argument) is ndarray:
            raise TypeError(f"{self.name}, {name}: got an array; takes a number of {kind}")
        found = np.dtype(type(argument)) if isinstance(argument, (bool, int, float)) else None
        found = getattr(argument, "dtype", found)
        if found != kind:
            raise TypeError(f"{self.name}, {name}: got {type(argument)}; takes a number of {kind}")
        return argument.item() if isinstance(argument, np.generic) else argument

    def _shared(self, grid, block, words):
        """Refuse a grid that a device does not take, or whose threads leave items out."""
        blocks, groups, last = (*grid, 1, 1)[:3]
        threads = block[0]
        said = f"{self.name}: {blocks} x {groups} blocks of {threads} threads"
        if last > 1 or max(block[1:], default=1) > 1 or (groups > 1 and self._share != "pair"):
            raise ValueError(f"{said}: more axes than the kernel reads")
        if not (0 <= blocks < 1 << 31 and 0 <= groups < 1 << 16 and 1 <= threads <= 1024):
            raise ValueError(f"{said}: no device takes them")
        blocks, groups = max(1, blocks), max(1, groups)
        covered = {
            "thread": (blocks * threads,),
            "pair": (blocks * threads, groups),
            "block": (blocks,),
        }
        items = covered.get(self._share, ())
        if any(has < count for has, count in zip(items, words, strict=False)):
            raise ValueError(f"{said} leave out some of {words[: len(items)]}")
        if self._share == "block" and threads % 32:
            raise ValueError(f"{said}: no whole warps")


class RawKernel:
    """One kernel of a source."""

    def __new__(cls, code, name, options=(), **others):
        return RawModule(code=code, options=options, **others).get_function(name)

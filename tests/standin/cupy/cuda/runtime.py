"""CUDA's runtime."""

from cupy import _memory, standin


class CUDARuntimeError(RuntimeError):
    """An error of the runtime."""


def getDeviceCount():
    return int(standin.plugged())


def getDevice():
    return 0


def setDevice(device):
    if device != 0:
        raise CUDARuntimeError("cudaErrorInvalidDevice: invalid device ordinal")


def getDeviceProperties(device):
    setDevice(device)
    return {
        "name": b"stand-in",
        "totalGlobalMem": standin.capacity(),
        "major": 9,
        "minor": 0,
        "multiProcessorCount": 1,
        "warpSize": 32,
        "pciBusID": 0,
    }


def memGetInfo():
    return standin.capacity() - _memory.used(), standin.capacity()


def deviceSynchronize():
    _memory.look_everywhere()


def runtimeGetVersion():
    return 13000


def driverGetVersion():
    return 13000

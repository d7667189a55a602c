"""The kernels on narrower registers than this processor has: compiled for older ones, they learn the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from firth.kernels.jit import JIT_IS_OFF
from firth.kernels.simd import LANES

# Both Numba and Firth ask the same function what the processor can do.
PRETEND = """
import sys
from llvmlite import binding
widest, lanes = sys.argv[1], int(sys.argv[2])
real = binding.get_host_cpu_features
def features():
    found = real()
    for name in list(found):
        if name.startswith("avx512") or (widest == "sse" and (name.startswith("avx") or name in ("fma", "f16c"))):
            found[name] = False
    return found
binding.get_host_cpu_features = features
from firth.kernels import simd
assert simd.LANES == lanes, simd.LANES
import pytest
tests = ["test_kernels_training.py", "test_kernels_simd.py"]
tests.append("test_objectives_glove.py::test_the_kernel_takes_the_definition_s_steps")
sys.exit(pytest.main(["-q", "-n0", "-p", "no:cacheprovider", *(f"tests/{test}" for test in tests)]))
"""


@pytest.mark.slow
@pytest.mark.skipif(JIT_IS_OFF, reason="compilation is off (NUMBA_DISABLE_JIT)")
@pytest.mark.skipif(LANES != 16, reason="needs a processor with AVX-512, to do without it")
@pytest.mark.parametrize(("widest", "lanes", "processor"), [("avx2", 8, "haswell"), ("sse", 4, "nehalem")])
def test_kernels_on_narrower_registers(widest: str, lanes: int, processor: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRETEND, widest, str(lanes)],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "FIRTH_CACHE": str(tmp_path), "NUMBA_CPU_NAME": processor},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""The number format follows the hardware: bf16 only where it is faster, and never what a device hasn't."""

import pytest
import torch

from attnlab.runs import precision
from attnlab.runs.precision import bf16_in_hardware, bf16_is_faster, check_precision, resolve_precision

INTEL_AMX, INTEL_AVX = "vendor_id: GenuineIntel\nflags\t: sse avx512_bf16 amx_bf16", "flags\t: sse avx512_bf16"
AMD, OLD = "vendor_id: AuthenticAMD\nflags\t: sse avx512_bf16", "vendor_id: AuthenticAMD\nflags\t: sse avx2"


@pytest.fixture
def _cpu_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.usefixtures("_cpu_alone")
@pytest.mark.parametrize(
    "cpu, in_hardware, faster",
    [(INTEL_AMX, True, True), (INTEL_AVX, True, False), (AMD, True, True), (OLD, False, False), ("", False, False)],
)
def test_a_cpu_multiplies_bf16_or_not_and_that_is_faster_or_not(
    cpu: str, in_hardware: bool, faster: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "_cpu_info", lambda: cpu)
    for accelerator in ("auto", "cpu"):
        assert (bf16_in_hardware(accelerator), bf16_is_faster(accelerator)) == (in_hardware, faster)  # type: ignore[arg-type]
        assert resolve_precision("auto", accelerator) == ("bf16-mixed" if faster else "32-true")  # type: ignore[arg-type]


@pytest.mark.parametrize("capability, has_it", [((7, 5), False), ((8, 0), True), ((9, 0), True)])
def test_a_gpu_has_bf16_from_ampere_on(
    capability: tuple[int, int], has_it: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(precision, "_cpu_info", lambda: OLD)
    assert resolve_precision("auto", "gpu") == ("bf16-mixed" if has_it else "32-true")
    assert resolve_precision("auto", "cpu") == "32-true"
    check_precision("16-mixed", "auto")


@pytest.mark.parametrize("asked", ["32-true", "bf16-mixed", "16-mixed", "bf16-true"])
def test_what_is_asked_for_is_kept(asked: str) -> None:
    assert resolve_precision(asked, "cpu") == asked  # type: ignore[arg-type]


@pytest.mark.usefixtures("_cpu_alone")
def test_half_precision_needs_a_gpu() -> None:
    for accelerator in ("auto", "cpu"):
        with pytest.raises(
            ValueError, match=r"16-mixed needs a GPU, got trainer.accelerator=.* \(set trainer.precision="
        ):
            check_precision("16-mixed", accelerator)  # type: ignore[arg-type]
    check_precision("bf16-mixed", "cpu")

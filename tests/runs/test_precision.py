"""On CPUs the number format is always the same, on GPUs bf16 where they have it, and never what a device hasn't."""

import pytest
import torch

from attnlab.runs import precision
from attnlab.runs.precision import bf16_in_hardware, check_precision, resolve_precision

INTEL = "vendor_id: GenuineIntel\nflags\t: sse avx512_bf16 amx_bf16"
AMD, OLD = "vendor_id: AuthenticAMD\nflags\t: sse avx512_bf16", "vendor_id: AuthenticAMD\nflags\t: sse avx2"


@pytest.fixture
def _cpu_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.usefixtures("_cpu_alone")
@pytest.mark.parametrize("cpu, in_hardware", [(INTEL, True), (AMD, True), (OLD, False), ("", False)])
def test_on_every_cpu_auto_is_the_same(cpu: str, in_hardware: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_cpu_info", lambda: cpu)
    for accelerator in ("auto", "cpu"):
        assert bf16_in_hardware(accelerator) is in_hardware  # type: ignore[arg-type]
        assert resolve_precision("auto", accelerator) == "32-true"  # type: ignore[arg-type]


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


@pytest.mark.parametrize("asked", ["32-true", "bf16-mixed", "16-mixed", "bf16-true", "64-true"])
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


def test_an_apple_gpu_has_no_double_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(ValueError, match=r"no double precision, got .*=auto \(set trainer.accelerator=cpu\)"):
        check_precision("64-true", "auto")
    check_precision("64-true", "cpu")

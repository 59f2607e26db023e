"""The command line: python -m benchmarks NAME [--rounds 7] [--only MECHANISM ...] [--threads 1] [--json FILE]."""

import argparse
import importlib
import os
from pathlib import Path

# Each is a file of this package.
BENCHMARKS = {
    "attention-time": "forward and backward pass of each mechanism against the best way to write it plainly",
    "attention-memory": "peak memory of each mechanism as the length grows, and against naive code",
    "recurrent-states": "how time and what decoding keeps grow where a state is kept, beside scaled dot-product",
    "sibling-attention": "time and peak memory of what stands in the shell's place, against the shell",
    "side-by-side": "a sweep under the local launcher against one after another, on two cores",
    "feature-attention": "time and peak memory of each mechanism on feature maps, against a convolution",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Compare with peers; ratios are ours / theirs.",
        epilog="; ".join(f"{name}: {what}" for name, what in BENCHMARKS.items()),
    )
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--rounds", type=int, default=7, help="how often each arm is measured, 2 or more (default 7)")
    parser.add_argument("--only", nargs="+", metavar="MECHANISM", help="these mechanisms alone")
    parser.add_argument("--threads", type=int, default=1, help="threads that compute (default 1)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the rows here, too; with --only, in place of theirs"
    )
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error(f"a ratio's interval takes 2 rounds or more, got {options.rounds}")
    # Before anything imports torch, and inherited by the arms' processes.
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(options.threads)
    os.environ["KINETO_LOG_LEVEL"] = "99"  # torch's profiler, which counts memory, tells of each step otherwise

    from benchmarks import report

    benchmark = importlib.import_module(f"benchmarks.{options.name.replace('-', '_')}")
    rows = benchmark.run(rounds=options.rounds, only=options.only)
    print(report.table(rows))
    if options.json is not None:
        report.write(
            options.json, options.name, rows, only=options.only, rounds=options.rounds, threads=options.threads
        )


if __name__ == "__main__":
    main()

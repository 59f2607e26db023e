"""Speed and memory against peers, as ratios within one run: `python -m benchmarks NAME` from the checkout's root.

A benchmark is one file with a `run(rounds=, only=)` that gives rows; `__main__` lists them. `runner` has the arms of a
comparison measured in turns, `ratios` judges what they measured.
"""

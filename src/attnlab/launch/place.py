"""Which process of a run this one is, from what its launcher left in the environment; nothing heavy is imported."""

import os


def under_slurm() -> bool:
    """Whether SLURM runs this process: in a job's script, or started by srun."""
    return "SLURM_JOB_ID" in os.environ and os.environ.get("SLURM_JOB_NAME") not in ("bash", "interactive")


def is_slurm_task() -> bool:
    """Whether srun (or submitit, through it) started this process as one of its tasks.

    The shell of a job's script is none, and a shell for interactive work doesn't count: what is started from either
    is one process, which starts its further ones itself.
    """
    return under_slurm() and "SLURM_STEP_ID" in os.environ and "SLURM_PROCID" in os.environ


def rank() -> int:
    """This process's number among those of the run, 0 for the one that writes."""
    if is_slurm_task():
        return int(os.environ["SLURM_PROCID"])
    if "RANK" in os.environ:  # torchrun
        return int(os.environ["RANK"])
    # Not the true number beyond the first node, but 0 for one process alone.
    return int(os.environ.get("NODE_RANK", "0")) + int(os.environ.get("LOCAL_RANK", "0"))


def num_processes() -> int:
    """Processes of the run that a launcher from outside has started; 1 where this one starts any others itself."""
    if is_slurm_task():
        return int(os.environ.get("SLURM_NTASKS", "1"))
    return int(os.environ.get("WORLD_SIZE", "1"))

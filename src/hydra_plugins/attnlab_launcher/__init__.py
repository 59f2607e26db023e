"""Hydra looks here for launchers; it takes them from `hydra_plugins` alone."""

from attnlab.launch import slurm_launcher


class SlurmLauncher(slurm_launcher.SlurmLauncher):
    """The launcher under the only kind of name by which Hydra takes one."""

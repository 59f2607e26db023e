"""Hydra looks here for launchers; it takes them from `hydra_plugins` alone."""

from attnlab.launch import local_launcher, slurm_launcher


class LocalLauncher(local_launcher.LocalLauncher):
    """The launcher under the only kind of name by which Hydra takes one."""


class SlurmLauncher(slurm_launcher.SlurmLauncher):
    """Likewise."""

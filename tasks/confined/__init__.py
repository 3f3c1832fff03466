"""Work on bytes nobody can vouch for, in a process of its own that can do little else."""

from tasks.confined.process import Confined

__all__ = ["Confined"]

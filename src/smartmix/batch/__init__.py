"""Many files or songs in one go: a pool of processes that outlives a crash, a ledger to go on from, a cluster."""

from smartmix.batch.gather import jobs_for
from smartmix.batch.job import Done, Job
from smartmix.batch.run import BatchResult, run_batch

__all__ = ["BatchResult", "Done", "Job", "jobs_for", "run_batch"]

"""A throw-away SLURM on this machine's loopback, as root, without systemd or an accounting database.

Its main partition has two nodes. Two more, each a partition of its own, can be taken from their jobs, by those of the
partition `high`, while the others go on.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

NODES = 4
CPUS = 8  # more than this machine has: jobs that wait needn't queue
PORT = 16817

CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A job that is put back in the queue waits until its credential has expired.
AuthInfo=socket={folder}/run/munge.socket,cred_expire=5
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,sched_min_interval=0,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MinJobAge=3600
KillWait=5
MessageTimeout=60
SlurmdTimeout=300
InactiveLimit=0
Waittime=0
JobRequeue=1
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
PropagateResourceLimits=NONE
{nodes}
PartitionName=DEFAULT MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=40
PartitionName=main Nodes=node1,node2 Default=YES
PartitionName=left Nodes=node3
PartitionName=right Nodes=node4
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF GraceTime=0
"""


class SlurmCluster:
    """`with SlurmCluster(folder):` SLURM's commands speak to it; at the end, whatever happens, none of it is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> "SlurmCluster":
        for name in ("log", "run", "state", "spool"):
            (self.folder / name).mkdir(parents=True)
        host = socket.gethostname().split(".")[0]
        nodes = "\n".join(
            f"NodeName=node{n} NodeHostname={host} NodeAddr=127.0.0.1 Port={PORT + 1 + n} CPUs={CPUS} RealMemory=4000"
            for n in range(1, NODES + 1)
        )
        conf = self.folder / "slurm.conf"
        conf.write_text(CONF.format(host=host, port=PORT, folder=self.folder, nodes=nodes))
        self.before = {name: os.environ.get(name) for name in ("SLURM_CONF", "MASTER_ADDR")}
        # node1's name can't be resolved: both nodes are this machine.
        os.environ |= {"SLURM_CONF": str(conf), "MASTER_ADDR": "127.0.0.1"}
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        run, log = self.folder / "run", self.folder / "log"
        key = run / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        paths = [f"--key-file={key}", f"--socket={run}/munge.socket", f"--pid-file={run}/munged.pid"]
        paths += [f"--log-file={log}/munged.log", f"--seed-file={run}/munge.seed"]
        _call([_daemon("munged"), "--force", "--num-threads=2", *paths])
        _call([_daemon("slurmctld"), "-c"])
        for number in range(1, NODES + 1):
            (self.folder / "spool" / f"node{number}").mkdir()
            _call([_daemon("slurmd"), "-N", f"node{number}"])
        until(lambda: slurm("sinfo", "-h", "-N", "-o", "%N %t").count(" idle\n") >= NODES, 120, "idle nodes")

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):
            slurm("scancel", "--me")
            until(lambda: not slurm("squeue", "-h"), 30, "an empty queue")
        for name in ("slurmd.*", "slurmctld", "munged"):
            for path in self.folder.glob(f"run/{name}.pid"):
                _end(int(path.read_text()))
        for name, value in self.before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def slurm(*command: str) -> str:
    """The output of one of SLURM's commands."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until `true()`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"no {what} within {seconds} seconds"
        time.sleep(0.2)


def _call(command: list[str]) -> None:
    subprocess.run(command, timeout=60, check=True)


def _daemon(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert found is not None, f"{name} isn't installed"
    return found


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            os.kill(pid, 0)
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)

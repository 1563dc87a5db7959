"""Where the commands of projects run: on this machine, on Ray, Kubernetes or Slurm, or on another package's backend."""

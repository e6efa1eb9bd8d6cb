#!/usr/bin/env bash
# Stop what up.sh started and forget its jobs.
for name in slurm/slurmd slurm/slurmctld munge/munged; do
  [ -s "/run/$name.pid" ] && kill "$(cat "/run/$name.pid")" 2>/dev/null
done
for _ in $(seq 50); do
  [ -e /run/slurm/slurmctld.pid ] || [ -e /run/slurm/slurmd.pid ] || break
  sleep 0.2
done
rm -rf /var/spool/slurm/ctld/* /var/spool/slurm/d/*

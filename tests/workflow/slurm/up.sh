#!/usr/bin/env bash
# Install and start Slurm on one node, or leave one that stands. Root; Debian or Ubuntu.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ -e /etc/slurm/slurm.conf ] && ! grep -q '^ClusterName=loopback$' /etc/slurm/slurm.conf; then
  echo "this machine belongs to a cluster" >&2
  exit 1
fi
if scontrol ping 2>/dev/null | grep -q 'is UP'; then exit 0; fi
if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm slurm-client munge
fi
host=$(hostname -s)
memory=$(awk '/MemTotal/ {print int($2 / 1024 * 0.85)}' /proc/meminfo)
mkdir -p /etc/slurm /run/slurm /run/munge /var/log/slurm /var/log/munge /var/spool/slurm/{ctld,d}
sed -e "s/HOST/$host/g" -e "s/=MEMORY/=$memory/" "$here/slurm.conf" >/etc/slurm/slurm.conf
getent hosts "$host" >/dev/null || echo "127.0.0.1 $host" >>/etc/hosts
chown munge:munge /run/munge /var/log/munge
chmod 0755 /run/munge
if [ ! -s /etc/munge/munge.key ]; then
  dd if=/dev/urandom of=/etc/munge/munge.key bs=1024 count=1 status=none
fi
chown munge:munge /etc/munge/munge.key
chmod 0400 /etc/munge/munge.key
munge -n >/dev/null 2>&1 || setpriv --reuid=munge --regid=munge --clear-groups /usr/sbin/munged
slurmctld
slurmd
for _ in $(seq 100); do
  [ "$(sinfo --noheader --partition cpu --format %t 2>/dev/null)" = idle ] && exit 0
  sleep 0.2
done
echo "Slurm did not come up; see /var/log/slurm" >&2
exit 1

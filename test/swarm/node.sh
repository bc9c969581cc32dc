#!/usr/bin/env bash
# A machine of the cluster: first process of PID, mount, network and UTS namespaces of its own (see cluster.ts), in which
# a Docker engine finds the usual paths. When this process dies, the kernel ends everything in here.
#   node.sh NAME FOLDER ADDRESS
set -euo pipefail
name=$1 folder=$2 address=$3

hostname "$name"
mount -t tmpfs -o mode=0755 tmpfs /run
[ -e /var/run ] || ln -s /run /var/run
mkdir -p /run/lock
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount --bind "$folder/data" /var/lib/docker
mount --bind "$folder/etc" /etc/docker

# The network card is put in from outside.
for _ in $(seq 200); do
  [ -e /sys/class/net/eth0 ] || ip link show eth0 >/dev/null 2>&1 || { sleep 0.05; continue; }
  ip -4 addr show eth0 2>/dev/null | grep -q inet && break
  sleep 0.05
done

if [ -d "$folder/ssh" ]; then
  mkdir -p /run/sshd
  mount --bind "$folder/ssh/passwd" /etc/passwd
  mount --bind "$folder/ssh/shadow" /etc/shadow
  "$(cat "$folder/ssh/program")" -D -e -f "$folder/ssh/config" >>"$folder/ssh.log" 2>&1 &
fi

trap 'kill "$engine" 2>/dev/null' TERM
dockerd --host "unix://$folder/docker.sock" --host unix:///var/run/docker.sock \
  --host "tcp://$address:2376" >>"$folder/engine.log" 2>&1 &
engine=$!
# The first process of a machine reaps whoever is left: bash does it while it waits.
while kill -0 "$engine" 2>/dev/null; do wait -n "$engine" 2>/dev/null || true; done

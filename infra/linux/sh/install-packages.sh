# Installs the packages in one go, keeping configuration files that are there; waits for another apt's lock. Reading them
# has renewed the lists where apt knew no candidate.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold install "$@"

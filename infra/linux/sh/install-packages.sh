# Installs the packages in one go, keeping configuration files that are there; waits for another apt's lock.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
# A host that went down in the middle of an installation has to finish that one first.
[ -z "$(dpkg --audit 2>/dev/null)" ] || dpkg --force-confold --configure -a
apt-get -s -q --no-install-recommends install "$@" >/dev/null 2>&1 || apt-get -q update
apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold install "$@"

# What the scripts for packages have in common: the package manager of this host, names by family, and waiting for another
# run that has the lock. Seconds for that:
patience=300
# A signal of timeout(1) must not take along what the tool has said.
log=$(mktemp) || exit 1
trap 'cat "$log" >&2; exit 143' TERM
trap 'rm -f "$log" "$log.held"' EXIT
has() { command -v "$1" >/dev/null; }
in_list() { case " $2 " in *" $1 "*) return 0 ;; esac; return 1; }

# The distribution decides and not what is there: zypper may be installed on Fedora, and dnf on Debian.
like=' '
[ ! -r /etc/os-release ] || like=$(. /etc/os-release && echo " $ID $ID_LIKE ")
major=$([ ! -r /etc/os-release ] || { . /etc/os-release && echo "${VERSION_ID%%.*}"; })
case $major in '' | *[!0-9]*) major=0 ;; esac
family=
case $like in
*' debian '* | *' ubuntu '*) family=debian ;;
*' suse '* | *' opensuse '* | *' sles '*) family=suse ;;
*' rhel '* | *' fedora '* | *' centos '*) family=rhel ;;
esac
of() { [ -z "$family" ] || [ "$family" = "$1" ]; }
manager=
if of debian && has apt-get && has dpkg-query; then manager=apt
elif of suse && has zypper && has rpm; then manager=zypper
elif of rhel && has dnf && has rpm; then manager=dnf
elif of rhel && has yum && has rpm; then manager=yum
fi
case $family in
debian) lacking='no apt-get and dpkg-query' ;;
suse) lacking='no zypper and rpm' ;;
rhel) lacking='neither dnf nor yum, with rpm' ;;
*) lacking='no known package manager (looked for apt-get, zypper, dnf and yum)' ;;
esac
# An image that is replaced as a whole is no host of packages.
if [ -e /run/ostree-booted ]; then manager='' lacking='a system of images (ostree), to which packages are not added while it runs'; fi

# names <name>: the packages that stand for a name of a plan, which is Debian's. Only names that the family does not know are
# told otherwise, so that a name that a user has given is taken as it stands.
names() {
  case $family:$1 in
  rhel:conntrack | suse:conntrack) echo conntrack-tools ;;
  # Since RHEL 9 nothing else is called so; `iptables` is only provided.
  rhel:iptables) if [ "$major" -ge 9 ]; then echo iptables-nft; else echo iptables; fi ;;
  rhel:libnginx-mod-stream) echo nginx-mod-stream ;;
  # It is a part of nginx there.
  suse:libnginx-mod-stream) echo nginx ;;
  *) echo "$1" ;;
  esac
}

# state <package>: `installed`, `absent`, or nothing and why to the standard error.
state() {
  if [ "$manager" = apt ]; then
    said=$(dpkg-query -W -f='${db:Status-Status}' -- "$1" 2>&1)
    case $?:$said in
    0:installed) echo installed ;;
    # 1 is for a name that it does not know, 2 for a database that it cannot read.
    0:* | 1:*) echo absent ;;
    *) echo "dpkg-query: $said" >&2; return 1 ;;
    esac
    return
  fi
  for question in -q '-q --whatprovides'; do
    # shellcheck disable=SC2086 # one word or two
    if said=$(rpm $question "$1" 2>&1); then echo installed; return; fi
    case $said in
    *error:*) echo "rpm: $said" >&2; return 1 ;;
    *'is not installed'* | *'no package provides'*) ;;
    *) echo "rpm: $said" >&2; return 1 ;;
    esac
  done
  echo absent
}

# locked <exit code>: true when the last command found the lock to be another's; who has it is in $holder.
locked() {
  case $manager:$1 in
  apt:0 | zypper:0 | dnf:0 | yum:0) return 1 ;;
  apt:*) grep -Eq 'Could not get lock .*(held by process|Resource temporarily unavailable)|locked by another process' "$log" ;;
  zypper:7 | dnf:200 | yum:200) ;;
  yum:*) grep -q 'holding the yum lock' "$log" ;;
  *) return 1 ;;
  esac || return 1
  holder=$(sed -n 's/.*held by process \([0-9]* ([^)]*)\).*/\1/p
    s/.*another process with pid \([0-9]*\).*/\1/p
    s/.*with PID \([0-9]*\) is: \(.*\)/\1 (\2)/p
    s/.*running as pid \([0-9]*\).*/\1/p
    s/.*with pid \([0-9]* ([^)]*)\).*/\1/p' "$log" | sed 's/[^ -~]//g; q')
  holder="process ${holder:-unknown}"
}

# alone <command…>: runs it, and again while another run has the lock, telling so. What it says comes at its end: on the
# standard output, or on the standard error when it failed.
alone() {
  waited=0
  while :; do
    "$@" >"$log" 2>&1 3>&-
    code=$?
    locked "$code" || break
    if [ "$waited" -ge "$patience" ]; then
      echo "the lock of $manager: must be free within $patience s, got it held by $holder. Wait until that run has ended, or end it, then run again." >"$log.held"
      cat "$log.held" >&2
      return "$code"
    fi
    { echo "waiting for another $manager ($holder), $waited s" >&3; } 2>/dev/null
    sleep 2
    waited=$((waited + 2))
  done
  if [ "$code" -eq 0 ]; then cat "$log"; else cat "$log" >&2; fi
  return "$code"
}

# How each one is called: nothing is asked, a lock is reported and not waited for, nothing comes that is only recommended.
apt() { alone apt-get -q -y -o DPkg::Lock::Timeout=0 -o Dpkg::Use-Pty=0 "$@"; }
dnf_() { alone dnf -y --setopt=exit_on_lock=1 --setopt=install_weak_deps=False --setopt=clean_requirements_on_remove=False "$@"; }
yum_() { alone yum -y --setopt=exit_on_lock=1 --setopt=clean_requirements_on_remove=0 "$@"; }
zypper_() { ZYPP_LOCK_TIMEOUT=0 alone zypper --non-interactive "$@"; }
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1

# Purges the packages, and nothing beyond them: one that something else on the host needs by now stays.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
known=
for package; do
  case $(dpkg-query -W -f='${db:Status-Status}' -- "$package" 2>/dev/null) in
  '' | not-installed) ;;
  *) known="$known $package" ;;
  esac
done
[ -n "$known" ] || exit 0
# others <package…>: what purging these would take along beyond the known ones.
others() {
  apt-get -s -q purge "$@" | sed -n 's/^\(Purg\|Remv\) \([^ ]*\) .*/\2/p' | while read -r name; do
    case " $known " in *" $name "*) ;; *) echo "$name" ;; esac
  done
}
go=$known
if [ -n "$(others $known)" ]; then
  go=
  for package in $known; do
    if [ -z "$(others "$package")" ]; then go="$go $package"
    else echo "$package stays: other packages need it by now" >&2; fi
  done
fi
[ -z "$go" ] || apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 purge $go

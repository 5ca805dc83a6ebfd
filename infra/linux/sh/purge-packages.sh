# <packages> -- <what came along with them> -- <those of both whose configuration was there before>. Nothing beyond these
# goes; what something else on the host needs by now, or was asked for by name since, stays.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
ours= along= config= list=ours
for word; do
  case $list$word in
  ours--) list=along; continue ;;
  along--) list=config; continue ;;
  esac
  case $(dpkg-query -W -f='${db:Status-Status}' -- "$word" 2>/dev/null) in
  '' | not-installed) continue ;;
  esac
  case $list in
  ours) ours="$ours $word" ;;
  along) along="$along $word" ;;
  config) config="$config $word" ;;
  esac
done
in_list() { case " $2 " in *" $1 "*) return 0 ;; esac; return 1; }
# A mere recommendation does not keep what came along with us.
removal() {
  apt-get -s -q -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false purge "$@" |
    sed -n 's/^\(Purg\|Remv\) \([^ ]*\) .*/\2/p' | sort -u
}
# others <packages>: what would go with them although it is neither ours nor came along.
others() {
  for name in $(removal "$@"); do in_list "$name" "$ours $along" || echo "$name"; done
}
auto=$(apt-mark showauto | tr '\n' ' ')
kept=
for package in $along; do
  if in_list "$package" "$auto" ||
    [ "$(dpkg-query -W -f='${db:Status-Status}' -- "$package")" != installed ]; then kept="$kept $package"; fi
done
along=$kept go=$ours
if [ -n "$ours" ] && [ -n "$(others $ours)" ]; then
  go=
  for package in $ours; do
    if [ -z "$(others "$package")" ]; then go="$go $package"
    else echo "$package stays: other packages need it by now" >&2; fi
  done
fi
if [ -n "$go$along" ]; then
  # With --auto-remove apt itself says what nothing needs any more; of that, only what came along is ours.
  unneeded=$(removal --auto-remove $go | tr '\n' ' ')
  with=
  for package in $along; do if in_list "$package" "$unneeded"; then with="$with $package"; fi; done
  if [ -z "$(others $go $with)" ]; then go="$go $with"; fi
fi
[ -n "${go# }" ] || exit 0
apt() { apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o APT::Get::AutomaticRemove=false "$@"; }
purge= remove=
for package in $go; do if in_list "$package" "$config"; then remove="$remove $package"; else purge="$purge $package"; fi; done
if [ -z "$remove" ]; then apt purge $purge; exit; fi
# One transaction for both, then the configuration of those that had none before.
apt remove $go || exit
[ -z "$purge" ] || dpkg --purge $purge

# The part of purge-packages.sh for apt.
purge_apt() {
  # there <packages>: those that dpkg knows, also if only their configuration is left.
  there() {
    for package; do
      case $(dpkg-query -W -f='${db:Status-Status}' -- "$package" 2>/dev/null) in
      '' | not-installed) ;;
      *) printf ' %s' "$package" ;;
      esac
    done
  }
  ours=$(there $ours) along=$(there $along) config=$(there $config)
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
      else stays "$package"; fi
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
  purge= remove=
  for package in $go; do if in_list "$package" "$config"; then remove="$remove $package"; else purge="$purge $package"; fi; done
  only() { apt -o APT::Get::AutomaticRemove=false "$@"; }
  if [ -z "$remove" ]; then only purge $purge; exit; fi
  # One transaction for both, then the configuration of those that had none before.
  only remove $go || exit
  [ -z "$purge" ] || alone dpkg --purge $purge
}

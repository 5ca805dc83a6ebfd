# <packages> -- <what came along with them> -- <those of both whose configuration was there before>. Nothing beyond these
# goes; what something else on the host needs by now, or was asked for by name since, stays.
[ -n "$manager" ] || { echo "packages: must be removed by a package manager that is known, got $lacking. Remove $* by hand." >&2; exit 1; }
ours= along= config= list=ours
for word; do
  case $list$word in
  ours--) list=along; continue ;;
  along--) list=config; continue ;;
  esac
  case $list in
  ours) for package in $(names "$word"); do in_list "$package" "$ours" || ours="$ours $package"; done ;;
  along) along="$along $word" ;;
  config) config="$config $word" ;;
  esac
done
stays() { echo "$1 stays: other packages need it by now" >&2; }
if [ "$manager" = apt ]; then purge_apt; else purge_rpm; fi

# Installs the packages in one go, keeping configuration files that are there. Reading them has renewed the lists where the
# package manager knew no candidate.
[ -n "$manager" ] || { echo "packages: must be installed by a package manager that is known, got $lacking. Install $* by hand." >&2; exit 1; }
missing=
for name; do
  for package in $(names "$name"); do
    is=$(state "$package") || exit 1
    [ "$is" = installed ] || in_list "$package" "$missing" || missing="$missing $package"
  done
done
[ -n "$missing" ] || exit 0
case $manager in
apt) apt --no-install-recommends -o Dpkg::Options::=--force-confold install $missing ;;
dnf) dnf_ install $missing ;;
yum) yum_ install $missing ;;
zypper)
  zypper_ install --no-recommends --auto-agree-with-licenses $missing
  # All is installed, and something wants to be started anew, or a repository was not reached.
  case $? in 0 | 102 | 103 | 106) ;; *) false ;; esac
  ;;
esac || exit
# yum does not fail for a name that it does not know.
for package in $missing; do
  [ "$(state "$package")" = installed ] || {
    echo "$package: must be known to a repository of this host, got none that has it. Add the repository, then run again." >&2
    exit 1
  }
done

# Distribution, version, family, kernel and systemd's version, one a line.
. /etc/os-release
systemd=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
printf '%s\n' "${ID:-unknown}" "${VERSION_ID:-unknown}" "${ID_LIKE:-${ID:-unknown}}" "$(uname -r)" "${systemd:-none}"

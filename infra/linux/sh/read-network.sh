# Which network managers have set up the given interfaces: a line `<interface> <manager> [name]` for each that says so, or
# `<interface> missing`; after the seconds since the host has booted. Asked are the managers' own tools; one that does not
# run has set up nothing that would come again.
export LC_ALL=C
runs() { systemctl -q is-active "$1" 2>/dev/null; }
runs systemd-networkd.service && networkd=1
runs NetworkManager.service && manager=1
runs network.service && scripts=1
cut -d. -f1 /proc/uptime
for dev; do
    if [ ! -e "/sys/class/net/$dev" ]; then
        echo "$dev missing"
        continue
    fi
    if [ "${networkd-}" ]; then
        file=$(networkctl --no-pager status "$dev" 2>/dev/null | sed -n 's/^ *Network File: *//p')
        name=${file##*/}
        name=${name%.network}
        case $file in
        /run/systemd/network/10-netplan-*)
            kind=$(sed -n 's/^DEVTYPE=//p' "/sys/class/net/$dev/uevent")
            case $kind in bond | bridge | vlan) section="${kind}s/" ;; wlan) section=wifis/ ;; *) section= ;; esac
            echo "$dev netplan $section${name#10-netplan-}"
            ;;
        /*) echo "$dev networkd $name" ;;
        esac
    fi
    if [ "${manager-}" ]; then
        case $(nmcli -g GENERAL.STATE device show "$dev" 2>/dev/null) in
        *externally*) ;;
        *"(connected)" | *"(connecting"*) echo "$dev networkmanager" ;;
        esac
    fi
    if [ "${scripts-}" ] && [ -e "/etc/sysconfig/network-scripts/ifcfg-$dev" ]; then echo "$dev ifcfg"; fi
    if command -v ifquery >/dev/null && ifquery --state "$dev" >/dev/null 2>&1; then echo "$dev ifupdown"; fi
done

# <-4|-6> <words of `ip route delete`>: removes a route. One that is gone already (a unit's stop took it) is no failure.
family=$1
shift
output=$(ip "$family" route delete "$@" 2>&1) && exit 0
case $output in *"No such process"*) exit 0 ;; esac
echo "$output" >&2
exit 1

# $1 <address> $2 <port> and so on: tries a connection to each, all at once. `yes <n>` or `no <n>` for the nth of them.
number=0
while [ $# -gt 1 ]; do
  number=$((number + 1))
  {
    if timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null; then echo "yes $number"; else echo "no $number"; fi
  } &
  shift 2
done
wait

# add|remove <policy> <rich rule>…: in the running firewalld, with one call, since each takes a good part of a second. What is
# there, or gone, already is no failure (the policy's file brought or took it), and so is a policy that is gone.
verb=$1 policy=$2
shift 2
case " $(firewall-cmd --get-policies | tr '\n' ' ') " in
*" $policy "*) ;;
*)
  [ "$verb" = remove ] && exit 0
  echo "firewalld has no policy $policy" >&2
  exit 1
  ;;
esac
now=$(firewall-cmd --policy "$policy" --list-rich-rules) || exit 1
for rule; do
  shift
  if printf '%s\n' "$now" | grep -qxF -e "$rule"; then there=add; else there=remove; fi
  [ "$there" = "$verb" ] || set -- "$@" "--$verb-rich-rule=$rule"
done
[ $# = 0 ] || firewall-cmd --quiet --policy "$policy" "$@"

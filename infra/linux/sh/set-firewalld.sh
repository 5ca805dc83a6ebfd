# add|remove <policy> <rich rule>: in the running firewalld. One that is there, or gone, already is no failure (the policy's file
# brought or took it), and so is a policy that is gone.
verb=$1 policy=$2 rule=$3
case " $(firewall-cmd --get-policies | tr '\n' ' ') " in
*" $policy "*) ;;
*)
  [ "$verb" = remove ] && exit 0
  echo "firewalld has no policy $policy" >&2
  exit 1
  ;;
esac
if firewall-cmd --quiet --policy "$policy" "--query-rich-rule=$rule"; then there=add; else there=remove; fi
[ "$there" = "$verb" ] || firewall-cmd --quiet --policy "$policy" "--$verb-rich-rule=$rule"

# First the modules of the firewall that are loaded, in one line; then for each key of nft's rules (see nft-rules) one line:
# `present`, `absent`, `nowhere` where the host has no chain that filters at the hook, or `unreadable <reason>`.
set -f
firewall_modules | sort | tr '\n' ' '
echo
# Asking nf_tables would load it: where the kernel does not have it yet, there is neither rule nor chain.
if ! nf_tables_there; then
  for key; do case $key in *" pulumi_lvs "*) echo absent ;; *) echo nowhere ;; esac; done
  exit 0
fi
if ! command -v nft >/dev/null; then
  for key; do echo absent; done
  exit 0
fi
if ! said=$(nft -a list ruleset 2>&1); then
  for key; do printf 'unreadable %s\n' "$said" | tr '\n' ' '; echo; done
  exit 0
fi
now=$(printf '%s\n' "$said" | awk '
  /^table / { family = $2; table = $3; next }
  /^\tchain / { chain = $2; next }
  /^\t\ttype filter hook / && table != "pulumi_lvs" && table != "firewalld" && chain !~ /^(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)$/ {
    print "chain", family, table, chain, $4
  }
  match($0, /comment "pulumi-lvs:[^"]*"/) { print "rule", family, table, chain, substr($0, RSTART, RLENGTH), $NF }')
for key; do
  key=${key#nft }
  name=$(printf '%s\n' "$key" | sed -n 's/.*\(comment "pulumi-lvs:[^"]*"\)$/\1/p')
  case $key in
  *" pulumi_lvs "*)
    rest=${key#* pulumi_lvs }
    if printf '%s\n' "$now" | grep -qF "rule ${key%% *} pulumi_lvs ${rest%% *} $name "; then echo present; else echo absent; fi
    ;;
  *)
    rest=${key#* }
    printf '%s\n' "$now" | awk -v hook="${key%% *}" -v own="${rest%% *}" -v name="$name" '
      $1 == "chain" && $5 == hook && ($2 == own || $2 == "inet") { wanted[$2 " " $3 " " $4] = 1; some = 1 }
      $1 == "rule" && index($0, name " ") { has[$2 " " $3 " " $4] = 1 }
      END {
        for (place in wanted) if (!(place in has)) { print "absent"; exit }
        print some ? "present" : "nowhere"
      }'
    ;;
  esac
done

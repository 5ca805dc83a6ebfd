import type { Noun, Reading } from "./noun.js";
import { lines, script } from "./script.js";

type Installed = "installed";

const APT = `DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0`;

// What an absent package would bring along is asked now, because only before the installation can it be told from what
// was there; lists are renewed only when apt knows no candidate.
const READ = `
absent=
for package; do
  case $(dpkg-query -W -f='\${db:Status-Status}' -- "$package" 2>/dev/null) in
  installed) echo "installed $package" ;;
  *) echo "absent $package"; absent="$absent $package" ;;
  esac
done
[ -n "$absent" ] || exit 0
plan() { apt-get -s -q --no-install-recommends install $absent 2>/dev/null; }
plan=$(plan) || { ${APT} update >/dev/null 2>&1; plan=$(plan) || exit 0; }
printf '%s\\n' "$plan" | sed -n 's/^Inst \\([^ ]*\\) .*/along \\1/p'`;

const INSTALL = `
plan() { apt-get -s -q --no-install-recommends install "$@" >/dev/null 2>&1; }
plan "$@" || ${APT} update
${APT} --no-install-recommends -o Dpkg::Options::=--force-confold install "$@"`;

// Purges no more than the given packages: one that something else on the host needs by now stays.
const PURGE = `
known=
for package; do
  case $(dpkg-query -W -f='\${db:Status-Status}' -- "$package" 2>/dev/null) in
  '' | not-installed) ;;
  *) known="$known $package" ;;
  esac
done
[ -n "$known" ] || exit 0
others() { # what purging these would take along beyond the known ones
  apt-get -s -q purge "$@" | sed -n 's/^\\(Purg\\|Remv\\) \\([^ ]*\\) .*/\\2/p' | while read -r name; do
    case " $known " in *" $name "*) ;; *) echo "$name" ;; esac
  done
}
go=$known
if [ -n "$(others $known)" ]; then
  go=
  for package in $known; do
    if [ -z "$(others "$package")" ]; then go="$go $package"
    else echo "$package stays: other packages need it by now" >&2; fi
  done
fi
[ -z "$go" ] || ${APT} purge $go`;

/**
 * Packages of the host's distribution by name. Debian's apt for now; what came along with an installation is purged with
 * it, nothing else.
 */
export const packages: Noun<Installed> = {
  read(keys) {
    return {
      steps: keys.length > 0 ? [script(READ, keys, { timeoutSeconds: 300 })] : [],
      parse: (results) => {
        const output = lines(results[0]?.stdout ?? "").map((line) => line.split(" "));
        const along = output.filter(([kind]) => kind === "along").map(([, name]) => name!);
        return Object.fromEntries(
          keys.map((key): [string, Reading<Installed>] => {
            const kind = output.find(([state, name]) => state !== "along" && name === key)?.[0];
            if (kind === "installed") return [key, { state: "present", value: "installed" }];
            if (kind === "absent") return [key, { state: "absent", trace: along }];
            return [key, { state: "unreadable", reason: "no answer of dpkg-query" }];
          }),
        );
      },
    };
  },

  equal: (have, want) => (have.state === "present") === (want !== undefined),

  change(key, have, want) {
    return packages.changeAll!({ [key]: have }, { [key]: want });
  },

  changeAll(haves, wants) {
    const missing = Object.keys(wants).filter((key) => wants[key] && haves[key]?.state !== "present");
    const title = `installing ${missing.join(", ")}`;
    return missing.length > 0 ? [script(INSTALL, missing, { timeoutSeconds: 900, title })] : [];
  },

  restore(key, have, found) {
    return packages.restoreAll!({ [key]: have }, { [key]: found });
  },

  restoreAll(_haves, founds) {
    const absent = Object.entries(founds).flatMap(([key, found]) =>
      found.state === "absent" ? [key, ...(found.trace ?? [])] : [],
    );
    const lost = Object.keys(founds).filter((key) => founds[key]!.state === "present");
    const going = [...new Set(absent)].sort();
    return [
      // A package that was there before us and was removed since belongs to the host's own state.
      ...packages.changeAll!(_haves, Object.fromEntries(lost.map((key) => [key, "installed" as const]))),
      ...(going.length > 0
        ? [script(PURGE, going, { timeoutSeconds: 900, title: `removing ${Object.keys(founds).join(", ")}` })]
        : []),
    ];
  },
};

#!/usr/bin/env bash
# Breaks one thing at a time in a copy of a project and expects the build to fail with the diagnostic named. A gate that does not close is reported.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp "$root"/{Directory.Build.props,Directory.Build.targets,Directory.Packages.props,BannedSymbols.txt,.editorconfig,global.json} "$copy"
mkdir "$copy/Gate"
cat >"$copy/Gate/Gate.csproj" <<'P'
<Project Sdk="Microsoft.NET.Sdk" />
P
dotnet restore "$copy/Gate" >/dev/null || { echo "the gates' project cannot be restored"; exit 1; }
bad=0

gate() { # name, diagnostic, code
  cat >"$copy/Gate/Gate.cs" <<<"$3"
  out=$(dotnet build "$copy/Gate" --no-restore 2>&1)
  code=$?
  if [ "$2" = none ]; then
    [ $code -eq 0 ] && echo "  open as it should be: $1" || { echo "  NOT OPEN: $1"; echo "$out" | grep error | head -3; bad=1; }
  elif [ $code -ne 0 ] && grep -q "error $2" <<<"$out"; then
    echo "  closes: $1 ($2)"
  else
    echo "  DOES NOT CLOSE: $1 ($2)"; bad=1
  fi
}

with() { printf 'namespace Gate;\n\n/// <summary>A gate.</summary>\npublic static class Gate\n{\n    /// <summary>A member.</summary>\n    public static int Member(int value)\n    {\n%s\n        return value;\n    }\n}\n' "$1"; }

gate "code in order" none "$(with '        value++;')"
gate "unused variable" CS0219 "$(with '        var unused = 1;')"
gate "bad format" IDE0055 "$(with '        value=  value+1;')"
gate "banned clock" RS0030 "$(with '        value += System.DateTime.UtcNow.Second;')"
gate "nullable" CS8600 "$(with '        string text = null;
        value += text.Length;')"
gate "undocumented member" CS1591 "$(with '        value++;' | grep -v 'A member')"
gate "unused using" IDE0005 "using System.Text;

$(with '        value++;')"
exit $bad

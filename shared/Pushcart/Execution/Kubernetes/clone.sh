# The clone step of a run: exactly one commit into $PUSHCART_VOLUME/work.
# It needs a POSIX shell with the usual tools (busybox is enough) and git; ssh where the repository is reached by it.
# No secret stands in it, in its variables, or in arguments: git and ssh read them from the files in $PUSHCART_CREDENTIALS.
set -u
umask 002
work=$PUSHCART_VOLUME/work
home=$PUSHCART_VOLUME/home
termination=${PUSHCART_TERMINATION:-/dev/termination-log}
complaint=

# A shell that is the first process of its container ignores the signal that ends it, unless it says otherwise.
trap 'exit 143' TERM INT

fail() {
  echo "cannot clone $PUSHCART_REPOSITORY at $PUSHCART_COMMIT: $1" >&2
  echo "cannot clone $PUSHCART_REPOSITORY at $PUSHCART_COMMIT: $1" >"$termination"
  rm -rf "$home"
  exit 1
}

# Runs git; what it says is shown, and its last words are kept. In the background, for a signal must not wait for it.
run() {
  [ -z "$PUSHCART_DEBUG" ] || echo "git $*"
  rm -f "$home/code"
  { git "$@" 2>&1; echo $? >"$home/code"; } | tee "$home/said" &
  wait $!
  [ "$(cat "$home/code")" != 0 ] || return 0

  # Of ssh git only says that it failed; the reason stands before that.
  if grep -q 'Could not read from remote repository' "$home/said"; then
    complaint=$(tr '\r' '\n' <"$home/said" | sed '/Could not read from remote repository/,$d' | grep . | tail -n 1)
    complaint=${complaint:-the connection was closed}
    final=1
  else
    complaint=$(tr '\r' '\n' <"$home/said" | grep . | tail -n 1)
    complaint=${complaint:-git $1 ended with code $(cat "$home/code")}
  fi
  return 1
}

# fetch DEPTH WHAT...: a depth of 0 is the whole history.
fetch() {
  depth=$1
  shift
  [ "$depth" = 0 ] || set -- --depth "$depth" origin "$@"
  [ "$depth" != 0 ] || set -- origin "$@"
  if [ -n "$PUSHCART_DEBUG" ]; then
    run fetch --progress --verbose --no-tags --no-recurse-submodules "$@"
  else
    run fetch --quiet --no-tags --no-recurse-submodules "$@"
  fi
}

# With credentials git follows no redirect, for it would take them along. This asks where it leads and goes there: the credentials are configured for the
# first server alone.
follow() {
  [ -n "$PUSHCART_CREDENTIALS" ] || return 1
  case $complaint in
    *'returned error: 30'*) ;;
    *) return 1 ;;
  esac
  location=$(GIT_TRACE_CURL=1 GIT_TRACE_CURL_NO_DATA=1 git ls-remote origin HEAD 2>&1 | tr -d '\r' | sed -n 's/.*<= Recv header: [Ll]ocation: *//p' | tail -n 1)
  location=${location%%/info/refs*}
  case $location in
    https://*) ;;
    http://*)
      case $PUSHCART_SERVER in
        https:*) complaint="the server redirects from https to http, which is not followed"; return 1 ;;
      esac
      ;;
    /*) location=${PUSHCART_SERVER%/}$location ;;
    *) return 1 ;;
  esac
  run remote set-url origin "$location"
}

# Where the server does not serve single commits: the reference, deeper and deeper, until the commit is there; without a reference, everything.
fall_back() {
  [ -z "$final" ] || return 1
  first=$complaint
  if grep -qiF -e 'unable to access' -e 'authentication failed' -e 'could not read username' -e 'could not read password' \
    -e 'does not appear to be a git repository' -e 'repository not found' -e "' not found" "$home/said"; then
    return 1
  fi
  if [ -z "$PUSHCART_REFERENCE" ]; then
    set -- '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*'
    depths=0
  else
    set -- "$PUSHCART_REFERENCE"
    depths="$PUSHCART_DEPTH $((PUSHCART_DEPTH + 100)) 2147483647"
    [ "$PUSHCART_DEPTH" != 0 ] || depths=0
  fi
  for deep in $depths; do
    fetch "$deep" "$@" || return 1

    # The repository was empty: what is in it now can be reached from what was fetched.
    git cat-file -e "$PUSHCART_COMMIT^{commit}" 2>/dev/null && return 0
  done
  complaint="the commit cannot be reached from ${PUSHCART_REFERENCE:-any branch or tag} any more, and the server does not serve it by itself ($first)"
  return 1
}

# 1. Folders of this user's own; what is there is of an earlier start of this container.
rm -rf "$work" "$home"
mkdir -p "$work" "$home" && cd "$work" || fail "its volume cannot be written"

# 2. Git as it must be, whatever the image has configured.
export HOME="$home" LC_ALL=C GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 GIT_LFS_SKIP_SMUDGE=1 GIT_SSH_VARIANT=ssh
unset GIT_CONFIG_GLOBAL GIT_DIR GIT_WORK_TREE XDG_CONFIG_HOME
git config --global gc.auto 0 || fail "the image of the clone step has no git that works"
git config --global maintenance.auto false
git config --global advice.detachedHead false
if [ -n "$PUSHCART_CREDENTIALS" ]; then
  [ ! -e "$PUSHCART_CREDENTIALS/gitconfig" ] || git config --global include.path "$PUSHCART_CREDENTIALS/gitconfig"
  if [ -e "$PUSHCART_CREDENTIALS/ca.crt" ]; then
    # Git's list is replaced by what it is given, and these certificates are meant to add to it.
    for system in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
      [ ! -r "$system" ] || { cat "$system" >"$home/ca.crt"; echo >>"$home/ca.crt"; break; }
    done
    cat "$PUSHCART_CREDENTIALS/ca.crt" >>"$home/ca.crt"
    git config --global "http.$PUSHCART_SERVER.sslCAInfo" "$home/ca.crt"
  fi
fi
[ -z "$PUSHCART_NO_VERIFY" ] || git config --global "http.$PUSHCART_SERVER.sslVerify" false

# 3. An empty repository, the commit, its files.
final=
case ${#PUSHCART_COMMIT} in
  64) run init --quiet --template= --object-format=sha256 . || fail "$complaint" ;;
  *) run init --quiet --template= . || fail "$complaint" ;;
esac
run remote add -- origin "$PUSHCART_REPOSITORY" || fail "$complaint"
fetch "$PUSHCART_DEPTH" "$PUSHCART_COMMIT" \
  || { follow && fetch "$PUSHCART_DEPTH" "$PUSHCART_COMMIT"; } \
  || fall_back \
  || fail "$complaint"
run checkout --quiet --detach "$PUSHCART_COMMIT" || fail "$complaint"
if [ -n "$PUSHCART_SUBMODULES" ]; then
  set -- --init --recursive
  [ "$PUSHCART_DEPTH" = 0 ] || set -- "$@" --depth "$PUSHCART_DEPTH"
  run submodule update "$@" || fail "$complaint"
fi

# 4. What is not to stay.
if [ -z "$PUSHCART_KEEP_GIT" ]; then
  rm -rf .git
  [ -z "$PUSHCART_SUBMODULES" ] || find . -name .git -type f -exec rm -f {} \;
fi
rm -rf "$home"

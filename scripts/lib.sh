# shellcheck shell=bash disable=SC2034 # the lists are used by those who source this
# What the other scripts share: sections on the screen, a log, packages, builds, servers.
# Source it; by itself it only sets `top`, `build`, `log` and FORTRESS_VENV.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build
log=${log:-$build/script.log}

# The tests and the sandbox find their Python packages here, whoever starts them.
FORTRESS_VENV=${FORTRESS_VENV:-$build/venv}
export FORTRESS_VENV

# One line each: Debian package, then how to tell that it is there (whatever installed it).
packages_build='
gcc command gcc
libc6-dev header stdio.h
meson command meson
ninja-build command ninja
pkg-config command pkg-config
libcurl4-openssl-dev library libcurl
libgit2-dev library libgit2
libpcre2-dev library libpcre2-8
libpq-dev library libpq
libprotobuf-c-dev library libprotobuf-c
libsqlite3-dev library sqlite3
libunistring-dev header unistr.h
libssl-dev library libcrypto
libxxhash-dev library libxxhash
libyajl-dev library yajl
libyaml-dev library yaml-0.1
libzstd-dev library libzstd
protobuf-c-compiler command protoc-c
uuid-dev library uuid
'
packages_sandbox='
ca-certificates file /etc/ssl/certs/ca-certificates.crt
python3 command python3
python3-venv module ensurepip
'
packages_test='
check library check
clang command clang
git command git
jq command jq
libclang-rt-14-dev file /usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.asan-x86_64.a
libpython3.11-testsuite file /usr/lib/python3.11/test/test_grammar.py
openssl command openssl
zstd command zstd
'
packages_bench='
curl command curl
jq command jq
python3 command python3
python3-venv module ensurepip
time file /usr/bin/time
'
packages_align='
jq command jq
ripgrep command rg
'
# Wanted by single checks, which are skipped without them.
packages_lint='
mandoc command mandoc
postgresql file /usr/lib/postgresql/15/bin/initdb
shellcheck command shellcheck
'

# -- the screen ----------------------------------------------------------------------------------

section() {
	printf '\n== %s\n' "$*"
}

say() {
	printf '   %s\n' "$*"
}

# The end of a script that cannot go on: what failed, and what to do.
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# log_start FILE: opens a new log.
log_start() {
	log=$1
	mkdir -p "$(dirname "$log")" 2>/dev/null || :
	: >"$log" || die "cannot write $log; make $(dirname "$log") writable for $(id -un)"
}

# logged COMMAND..: its output goes to the log.
logged() {
	printf '\n$ %s\n' "$*" >>"$log"
	"$@" >>"$log" 2>&1
}

# The end of a step whose reason stands in the log: shows the last lines of it too.
die_logged() {
	printf '%s: %s; the end of %s:\n' "${0##*/}" "$1" "$log" >&2
	tail -n "${2:-15}" "$log" | sed 's/^/    /' >&2
	exit 1
}

# -- packages ------------------------------------------------------------------------------------

have() {
	case $1 in
	command) command -v "$2" >/dev/null ;;
	file) [ -e "$2" ] ;;
	header) printf '#include <%s>\n' "$2" | gcc -E - >/dev/null 2>&1 ;;
	library) pkg-config --exists "$2" 2>/dev/null ;;
	module) python3 -c "import $2" 2>/dev/null ;;
	esac
}

# missing LIST: the packages of it that are not there, one a line.
missing() {
	local package kind what
	while read -r package kind what; do
		[ -z "$package" ] || have "$kind" "$what" || printf '%s\n' "$package"
	done <<<"$1"
}

# Whether as_root can work.
can_root() {
	[ "$(id -u)" = 0 ] ||
		{ command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

apt_install() {
	logged as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install --yes --no-install-recommends "$@"
}

# install_packages PACKAGE..: by apt, its output in the log.
install_packages() {
	can_root || return 1
	# Lists may be missing (a fresh image) or older than the archive: then once more, with new ones.
	apt_install "$@" || { logged as_root apt-get update && apt_install "$@"; }
}

# need_packages LIST..: installs what is missing, or ends the script with the line that would.
need_packages() {
	local want started=$SECONDS
	mapfile -t want < <(missing "$(printf '%s\n' "$@")")
	if [ ${#want[@]} = 0 ]; then
		say "all there"
		return
	fi
	command -v apt-get >/dev/null ||
		die "missing here: ${want[*]} (names of Debian packages); install them and start again"
	can_root ||
		die "packages are missing and neither root nor sudo is at hand; let somebody run" \
			"'apt-get install --no-install-recommends ${want[*]}' and start again"
	say "installing ${#want[@]}: ${want[*]}"
	install_packages "${want[@]}" || die_logged "apt-get could not install the packages"
	mapfile -t want < <(missing "$(printf '%s\n' "$@")")
	[ ${#want[@]} = 0 ] || die_logged "apt-get was content, but these are still missing: ${want[*]}"
	say "done in $((SECONDS - started)) s"
}

# wish_packages LIST: installs what is missing where that is possible, and goes on in any case.
wish_packages() {
	local want
	mapfile -t want < <(missing "$1")
	[ ${#want[@]} = 0 ] || install_packages "${want[@]}" ||
		say "without ${want[*]}: the checks that use them are skipped"
}

# -- build ---------------------------------------------------------------------------------------

# configure FOLDER [MESON OPTION..]: sets a build up, or changes its options; the log has the output.
configure() {
	local folder=$1
	shift
	if [ ! -e "$folder/build.ninja" ]; then
		logged meson setup "$folder" "$top" "$@"
	elif [ $# -gt 0 ]; then
		logged meson configure "$folder" "$@"
	fi
}

# build_all FOLDER [MESON OPTION..]: configures and compiles; goes on after an error, to show all.
build_all() {
	configure "$@" && logged ninja -C "$1" -k 0
}

# build_programs: the programs alone, without tests, in the usual folder.
build_programs() {
	local main name targets=()
	for main in "$top"/tools/*/main.c; do
		name=$(basename "$(dirname "$main")")
		name=fortress-$name
		targets+=("${name/#fortress-fortress/fortress}")
	done
	configure "$build" && logged ninja -C "$build" "${targets[@]}"
}

# -- servers -------------------------------------------------------------------------------------

# servers_start FOLDER: the sandbox, or what WEAVIATE_URL and QDRANT_URL name; sets the addresses.
servers_start() {
	logged "$top/tests/sandbox/sandbox" start --dir "$1" || return 1
	# shellcheck disable=SC1091 # written by the line above
	. "$1/env"
}

servers_stop() {
	logged "$top/tests/sandbox/sandbox" stop --dir "$1"
}

# The Python with the packages of the sandbox, made when it is missing.
python_make() {
	"$top/tests/sandbox/sandbox" python --dir "$build/sandbox"
}

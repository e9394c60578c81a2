# Sourced. A private PostgreSQL: 127.0.0.1, a free port, a directory of its own; nothing of the host's is touched.
# PostgreSQL refuses to run as root, so root runs it as the user postgres.

# postgres_start DIRECTORY [durable] : starts a cluster in DIRECTORY/postgres, made anew when it is not there, and sets
# postgres_url (of a superuser). Without "durable" it does not wait for the disk, which suits tests only.
postgres_start() {
    local directory="$1/postgres" durability="-c fsync=off -c synchronous_commit=off" port attempt
    [ "${2:-}" = durable ] && durability=""
    postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
    [ -n "$postgres_bin" ] || postgres_bin=$(dirname "$(command -v initdb)") || return 1
    postgres_as=""
    if [ "$(id -u)" -eq 0 ]; then
        postgres_as="runuser -u postgres --"
        mkdir -p "$directory" && chown postgres "$directory" && chmod o+x "$1" || return 1
    else
        mkdir -p "$directory" || return 1
    fi
    postgres_directory=$directory
    cd "$directory" || return 1
    if [ ! -f data/PG_VERSION ]; then
        $postgres_as "$postgres_bin/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
            >"$1/initdb.log" 2>&1 || { cat "$1/initdb.log" >&2; cd - >/dev/null; return 1; }
    fi
    for attempt in 1 2 3 4 5 6 7 8; do
        port=$(shuf -i 20000-29999 -n 1)
        if $postgres_as "$postgres_bin/pg_ctl" -D "$directory/data" -w -t 60 -l "$directory/log" start >/dev/null 2>&1 -o \
            "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=400 $durability"; then
            postgres_url="postgresql://postgres@127.0.0.1:$port/postgres"
            cd - >/dev/null
            return 0
        fi
    done
    tail -5 "$directory/log" >&2
    cd - >/dev/null
    return 1
}

# postgres_stop : stops the cluster this shell started, at once.
postgres_stop() {
    [ -n "${postgres_directory:-}" ] || return 0
    (cd / && $postgres_as "$postgres_bin/pg_ctl" -D "$postgres_directory/data" -m immediate stop >/dev/null 2>&1) || :
    postgres_directory=""
}

# Sourced after packages.sh and postgres.sh. A whole Outrider beside a sandbox in a directory of its own, on loopback and
# free ports: what ops/demo and ops/takeover run. Sets $stack (the directory) and the addresses of its parts.

stack_names=()
stack_pids=()

# stack_clean_environment : nothing of a real account may leak into a rehearsal.
stack_clean_environment() {
    local name
    for name in ${!TWILIO_@} ${!SENDGRID_@} ${!OUTRIDER_@} ${!PG@}; do
        [ "$name" = OUTRIDER_BIN ] || unset "$name"
    done
}

# stack_build : sets $outrider to the program, built unless OUTRIDER_BIN names one.
stack_build() {
    outrider=${OUTRIDER_BIN:-}
    if [ -n "$outrider" ]; then
        [ -x "$outrider" ] || { echo "OUTRIDER_BIN is no program: $outrider" >&2; return 1; }
        outrider=$(realpath "$outrider")
        return 0
    fi
    need_swift || return 1
    echo "Building outrider; the first time takes some minutes" >&2
    swift build --package-path "$root" -c release --product outrider >"$stack/build.log" 2>&1 ||
        { tail -30 "$stack/build.log" >&2; return 1; }
    outrider=$(swift build --package-path "$root" -c release --show-bin-path)/outrider
}

# stack_database : a private PostgreSQL with Outrider's schema. $postgres_url is its superuser, see stack_url.
stack_database() {
    postgres_start "$stack" durable || return 1
    OUTRIDER_DATABASE_URL=$postgres_url "$outrider" migrate >"$stack/migrate.log" 2>&1 ||
        { cat "$stack/migrate.log" >&2; return 1; }
    # Its providers are simulated, so messages may go to numbers of every country.
    "$postgres_bin/psql" -X -q -v ON_ERROR_STOP=1 -d "$postgres_url" -o /dev/null -c "select outrider.set_anywhere(true, 'simulated providers')"
}

# stack_url LOGIN : the database as that login.
stack_url() { echo "${postgres_url/postgres@/$1@}"; }

# sql LOGIN [psql options] : psql without anybody's own settings; errors end it.
sql() {
    local login=$1
    shift
    "$postgres_bin/psql" -X -q -v ON_ERROR_STOP=1 -d "$(stack_url "$login")" "$@"
}

# stack_start NAME COMMAND… : starts a process of its own session, so that a Ctrl-C reaches this script alone, which
# then stops them in order. Its log is $stack/NAME.log; its number is $started.
stack_start() {
    local name=$1
    shift
    setsid "$@" 2>>"$stack/$name.log" </dev/null &
    started=$!
    disown "$started"  # The shell is not to announce how it ended.
    stack_names+=("$name")
    stack_pids+=("$started")
}

# stack_wait_for SECONDS COMMAND… : repeats the command until it succeeds.
stack_wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

stack_has_settings() { grep -q '^SENDGRID_WEBHOOK_PUBLIC_KEY=.' "$stack/sandbox.env"; }

stack_gateway_is_up_or_gone() { ! kill -0 "$started" || curl -fsS -m 2 "$gateway_url/readyz"; }

# stack_serve GATEWAY-LOGIN [sandbox options] : starts sandbox and gateway and exports the settings by which all find
# each other. The gateway's port is drawn, because its URL must be known first; one that is taken is drawn again.
stack_serve() {
    local login=$1 port attempt sandbox
    shift
    for attempt in 1 2 3 4 5; do
        port=$(shuf -i 30000-32767 -n 1)  # Below the ports the system itself hands out.
        gateway_url=http://127.0.0.1:$port
        : >"$stack/sandbox.env"
        stack_start sandbox "$outrider" sandbox --listen 127.0.0.1:0 --webhooks "$gateway_url" "$@" >"$stack/sandbox.env"
        sandbox=$started
        stack_wait_for 30 stack_has_settings || { tail -5 "$stack/sandbox.log" >&2; return 1; }
        set -a
        . "$stack/sandbox.env"
        set +a
        sandbox_url=$TWILIO_API_BASE_URL
        export OUTRIDER_PUBLIC_URL=$gateway_url OUTRIDER_LISTEN=127.0.0.1:$port
        OUTRIDER_DATABASE_URL=$(stack_url "$login") stack_start gateway "$outrider" gateway
        stack_wait_for 30 stack_gateway_is_up_or_gone || break
        kill -0 "$started" 2>/dev/null && return 0
        kill "$sandbox" 2>/dev/null
        stack_forget sandbox gateway
    done
    tail -5 "$stack/gateway.log" >&2
    return 1
}

# stack_worker NAME LOGIN : starts a worker with the settings of stack_serve.
stack_worker() { OUTRIDER_DATABASE_URL=$(stack_url "$2") stack_start "$1" "$outrider" work; }

# stack_check : fails when a process has ended that should run.
stack_check() {
    local index
    for index in "${!stack_pids[@]}"; do
        kill -0 "${stack_pids[index]}" 2>/dev/null && continue
        echo "The ${stack_names[index]} has ended. The last of its log:" >&2
        tail -5 "$stack/${stack_names[index]}.log" >&2
        return 1
    done
}

# stack_forget NAME… : no longer expects these processes, which were stopped on purpose.
stack_forget() {
    local index name
    for name in "$@"; do
        for index in "${!stack_names[@]}"; do
            [ "${stack_names[index]}" = "$name" ] && unset "stack_names[index]" "stack_pids[index]"
        done
    done
}

# stack_stop : ends everything that was started, workers before the gateway that hears their receipts; by force after 10 s.
stack_stop() {
    local pid pids=() end=$((SECONDS + 10))
    for pid in "${stack_pids[@]}"; do pids=("$pid" "${pids[@]}"); done
    stack_pids=()
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    for pid in "${pids[@]}"; do
        while kill -0 "$pid" 2>/dev/null; do
            [ "$SECONDS" -lt "$end" ] || kill -KILL "$pid" 2>/dev/null
            sleep 0.1
        done
    done
    postgres_stop
}

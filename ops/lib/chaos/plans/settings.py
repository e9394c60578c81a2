"""Databases, roles and locales that are set against Outrider; and a subscriber that follows every table."""
import time

from ..cluster import Cluster
from ..plan import Plan
from ..traffic import mixed

HOSTILE = {
    "default_transaction_isolation": "serializable", "array_nulls": "off", "standard_conforming_strings": "off",
    "DateStyle": "'German, DMY'", "IntervalStyle": "sql_standard", "TimeZone": "'Asia/Kathmandu'", "bytea_output": "escape",
    "extra_float_digits": "-15", "client_encoding": "latin1", "row_security": "off", "search_path": "nowhere",
    "lock_timeout": "1", "statement_timeout": "50", "idle_in_transaction_session_timeout": "50", "idle_session_timeout": "500",
    "jit": "on", "jit_above_cost": "0", "default_transaction_read_only": "on", "default_transaction_deferrable": "on",
    "transform_null_equals": "on", "exit_on_error": "on", "synchronous_commit": "off",
    "plan_cache_mode": "force_generic_plan", "enable_indexscan": "off", "escape_string_warning": "off", "backslash_quote": "on",
}
# The application's own sessions: what it may set for itself and still ask for messages.
OF_APPLICATIONS = {name: HOSTILE[name] for name in (
    "array_nulls", "standard_conforming_strings", "DateStyle", "IntervalStyle", "TimeZone", "bytea_output", "extra_float_digits",
    "row_security", "search_path", "transform_null_equals", "synchronous_commit", "default_transaction_isolation")}


class Settings(Plan):
    """`count` is the number of messages of each arm; each meets the fate that it must."""

    name = "settings"
    about = "N messages in a database whose settings, role's settings or locale are against it; and with a subscriber of all tables"
    count, short = 200, 20

    def arms(self):
        return [("the database's settings", True, lambda stack: self.hostile(stack, "database postgres")),
                ("the roles' settings", True, lambda stack: self.hostile(stack, "role chaos_worker", "role chaos_gateway")),
                ("the application's settings", True, lambda stack: self.hostile(stack, "role chaos_application", settings=OF_APPLICATIONS)),
                ("a Turkish locale", True, self.turkish),
                ("two-phase commit allowed", True, self.two_phase),
                ("a subscriber of all tables", True, self.subscribed)]

    def hostile(self, stack, *targets, settings=HOSTILE):
        def change():
            if "database postgres" in targets:
                # Not for this harness, which reads what happened; and for the application only what it may set and still ask.
                self.spare(stack, "postgres", HOSTILE)
                self.spare(stack, "chaos_application", [name for name in HOSTILE if name not in OF_APPLICATIONS])
            for target in targets:
                for name, value in settings.items():
                    stack.cluster.sql(f"alter {target} set {name} = {value}")

        self.live(stack, change)

    def spare(self, stack, login, names):
        """Gives a login the server's own settings in a database that has others."""
        for name in names:
            value = stack.cluster.value(f"select boot_val from pg_settings where name = '{name}'")
            stack.cluster.sql(f"alter role {login} in database postgres set {name} = '{value}'")

    def turkish(self, stack):
        """A database that folds I to a dotless i."""
        cluster = Cluster(f"{stack.directory}/postgres")
        cluster.run("initdb", "-D", cluster.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale-provider=icu",
                    "--icu-locale=tr-TR", "--locale=C.UTF-8", "--no-sync")
        cluster.start()
        self.live(stack, cluster=cluster)
        folded = cluster.value("select lower('I') <> 'i' and outrider.address_on('email', 'ISIK@EXAMPLE.COM', null, null) = 'isik@example.com'")
        if folded != "t":
            raise RuntimeError("the locale folds as any other does, or the address is folded by it")

    def live(self, stack, change=None, settings=None, cluster=None):
        stack.start(rate=50, seed=self.seed, settings=settings, cluster=cluster)
        if change:
            change()
            stack.kill(stack.processes["gateway"])
            stack.start_gateway()
        stack.judges_takeover = False
        stack.wait_for_registration(stack.start_worker(), stack.start_worker())
        stack.insert(mixed(f"settings-{self.seed}", self.size, self.random))
        stack.quiet()

    def two_phase(self, stack):
        """A transaction that asks for a message can be prepared, though nobody else announces work at the moment."""
        self.live(stack, settings={"max_prepared_transactions": "10"})
        stack.cluster.sql("begin; insert into outrider.jobs (channel, address, body) values ('sms', '+15000000011', 'x'); "
                          "prepare transaction 'asked'")
        stack.cluster.sql("rollback prepared 'asked'")

    def subscribed(self, stack):
        """A second database follows every table through all of it, and holds the same at the end."""
        stack.start(rate=50, seed=self.seed, settings={"wal_level": "logical", "max_replication_slots": "10", "max_wal_senders": "10"})
        stack.judges_takeover = False
        source = stack.cluster
        source.sql("create publication everything for all tables")
        source.sql("create database follower")
        follower = source.url(database="follower")
        dump = source.run("pg_dump", "--schema-only", "-d", source.url(), check=True).stdout
        source.sql(dump, url=follower)
        source.sql("select pg_create_logical_replication_slot('follower', 'pgoutput')")
        source.sql(f"create subscription follower connection '{source.url()}' publication everything "
                   "with (create_slot = false, slot_name = 'follower', copy_data = true)", url=follower)
        stack.wait_for(lambda: source.value("select count(*) from pg_subscription_rel where srsubstate <> 'r'", url=follower) == "0",
                       "the first copy", 60)
        stack.wait_for_registration(stack.start_worker(), stack.start_worker())
        stack.insert(mixed(f"settings-{self.seed}-published", self.size, self.random))
        stack.quiet()
        # What a life does not change, an operator does: every table of ours is updated and emptied of a row.
        for table, column in (("senders", "name"), ("templates", "name"), ("suppressions", "reason"), ("campaigns", "name"),
                              ("error_codes", "meaning"), ("tenant_roles", "tenant")):
            source.sql(f"update outrider.{table} set {column} = {column}")
        source.sql("delete from outrider.templates where id = (select max(id) from outrider.templates)")
        tables = [row[0] for row in source.sql("select relname from pg_class where relnamespace = 'outrider'::regnamespace and relkind in ('r', 'p') "
                                               "and not relispartition and relname not in ('workers', 'gateways', 'watches', 'catch_ups', 'stray_walk', 'rate_windows', 'campaign_rate_windows')")]
        end = time.monotonic() + 60
        while True:
            differ = [table for table in tables if self.digest(source, table, source.url()) != self.digest(source, table, follower)]
            if not differ:
                break
            if time.monotonic() > end:
                raise RuntimeError(f"the subscriber lacks rows of {differ}")
            time.sleep(1)
        stack.figures["tables that the subscriber holds alike"] = len(tables)
        if source.value("select outrider.displacement()", url=follower) == "":
            raise RuntimeError("the subscriber takes itself for the database that sends")
        source.sql("alter subscription follower disable; alter subscription follower set (slot_name = none); drop subscription follower", url=follower)

    def digest(self, cluster, table, url):
        return cluster.value(f"select count(*) || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from outrider.{table} t", url=url)

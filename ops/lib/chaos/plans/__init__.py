"""The plans, one a module."""


def catalogue():
    """Every plan by its name."""
    from .callbacks import Callbacks
    from .campaigns import Campaigns
    from .catchup import CatchUp
    from .clockback import ClockBack
    from .deadrows import DeadRows
    from .failover import Failover
    from .hanging import Hanging
    from .kills import Kills
    from .optouts import OptOuts
    from .poison import Poison
    from .postgres import Postgres
    from .provider import Provider
    from .refused import Refused
    from .resources import Resources
    from .restore import Restore
    from .schedules import Schedules
    from .settings import Settings
    from .sleepers import Sleepers
    from .syscalls import SysCalls
    plans = (SysCalls, Kills, Sleepers, Postgres, Failover, Provider, Callbacks, OptOuts, CatchUp, Resources, Poison, DeadRows,
             Hanging, Refused, ClockBack, Restore, Settings, Campaigns, Schedules)
    return {plan.name: plan for plan in plans}


def short():
    """A bit of several plans, for ops/test: (plan, count)."""
    return [(plan, plan.short) for plan in catalogue().values() if plan.short]

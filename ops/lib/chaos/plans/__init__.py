"""The plans, one a module."""


def catalogue():
    """Every plan by its name."""
    from .callbacks import Callbacks
    from .kills import Kills
    from .optouts import OptOuts
    from .provider import Provider
    from .syscalls import SysCalls
    return {plan.name: plan for plan in (SysCalls, Kills, Provider, Callbacks, OptOuts)}


def short():
    """A bit of several plans, for ops/test: (plan, count)."""
    return [(plan, plan.short) for plan in catalogue().values() if plan.short]

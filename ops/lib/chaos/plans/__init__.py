"""The plans, one a module."""


def catalogue():
    """Every plan by its name."""
    from .kills import Kills
    return {plan.name: plan for plan in (Kills,)}


def short():
    """A bit of several plans, for ops/test: (plan, count)."""
    return [(plan, plan.short) for plan in catalogue().values() if plan.short]

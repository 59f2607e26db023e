"""Which to show, or to compare, of more than there is room or time for."""


def spread(num: int, most: int) -> list[int]:
    """At most so many of the first `num` numbers, at about equal distances, the first and the last among them."""
    if num <= most:
        return list(range(num))
    return [round(number * (num - 1) / max(1, most - 1)) for number in range(most)]

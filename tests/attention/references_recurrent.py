"""References in loops, as in references.py, of gates and of states that are written and read step by step."""

import math

import torch
from references import Result, scaled_dot, weighted_sums
from references_efficient import NO_COMMON_POSITIONS

RECURRENT = ("retnet", "gla", "mamba2", "deltanet", "gated_deltanet", "kda", "rwkv7")
REFUSALS = {(name, "cross"): f"{name} attention {NO_COMMON_POSITIONS}" for name in ("forgetting", *RECURRENT)}


def _sigmoid(x):
    return 1 / (1 + math.exp(-x))


def _silu(x):
    return x * _sigmoid(x)


def _softplus(x):
    return math.log1p(math.exp(x))


def _unit(x):
    norm = math.sqrt(sum(each * each for each in x) + 1e-5)
    return [each / norm for each in x]


def _rms(x):
    root = math.sqrt(sum(each * each for each in x) / len(x) + 1e-5)
    return [each / root for each in x]


def _sides(core, q, k):
    sides = core.sides(torch.tensor(q, dtype=torch.float64), torch.tensor(k, dtype=torch.float64))
    return {name: each.tolist() for name, each in sides.items()}


def _gated(core, q, k, v, allowed, bias) -> Result:
    weights, output = scaled_dot(core, q, k, v, allowed, bias)
    gate = _sides(core, q, k)["gate"]
    for b, heads in enumerate(output):
        for h, rows in enumerate(heads):
            for i, row in enumerate(rows):
                gates = gate[b][h][i]
                rows[i] = [x * _sigmoid(gates[d % len(gates)]) for d, x in enumerate(row)]
    return weights, output


gated_elementwise = gated_headwise = _gated


def forgetting(core, q, k, v, allowed, bias) -> Result:
    forget, start = _sides(core, q, k)["forget"], core.core.forget_bias.flatten().tolist()
    num_keys = len(k[0][0])
    faded = [[[list(row) for row in rows] for rows in heads] for heads in bias]
    for b, heads in enumerate(faded):
        for h, rows in enumerate(heads):
            kept = [
                math.log(_sigmoid(x + start[h])) if real else 0.0
                for (x,), real in zip(forget[b][h], allowed[b][-1], strict=True)
            ]
            for i, row in enumerate(rows):
                place = num_keys - len(rows) + i
                for j in range(num_keys):
                    row[j] += sum(kept[j + 1 : place + 1] if j <= place else kept[place:j])
    return scaled_dot(core, q, k, v, allowed, faded)


def _one_way(steps, reads):
    """Each step's row of weights: what is read there of a state whose values are the places of keys."""
    state = [[0.0] * len(steps) for _ in reads[0]]
    rows = []
    for j, (step, read) in enumerate(zip(steps, reads, strict=True)):
        if step is not None:
            w, write, b, c = step
            old = [sum(c[d] * state[d][s] for d in range(len(c))) for s in range(len(steps))]
            for d in range(len(w)):
                state[d] = [w[d] * x + b[d] * u for x, u in zip(state[d], old, strict=True)]
                state[d][j] += write[d]
        rows.append([sum(r * state[d][s] for d, r in enumerate(read)) for s in range(len(steps))])
    return rows


def _both_ways(steps, reads):
    """What a step wrote there itself, which the way back has as well, counts once."""
    back = [row[::-1] for row in _one_way(steps[::-1], reads[::-1])[::-1]]
    rows = [[x + y for x, y in zip(*pair, strict=True)] for pair in zip(_one_way(steps, reads), back, strict=True)]
    for i, (step, read) in enumerate(zip(steps, reads, strict=True)):
        if step is not None:
            rows[i][i] -= sum(x * y for x, y in zip(read, step[1], strict=True))
    return rows


def _recurrent(step, read, finish, own=lambda p, h, q, k, x: 0.0):
    """A reference of what a key does to the state (w, write, b, c), how it is read, and what is made of the result."""

    def head(p, h, q, k, sides, real, both_ways):
        lacking = len(k) - len(q)
        at = [{name: x[j] for name, x in sides.items() if len(x) == len(k)} for j in range(len(k))]
        steps = [step(p, h, k[j], at[j]) if real[j] else None for j in range(len(k))]
        reads = [[0.0] * len(k[0])] * lacking + [read(x) for x in q]
        rows = (_both_ways if both_ways else _one_way)(steps, reads)[lacking:]
        for i, row in enumerate(rows):
            if real[lacking + i]:
                row[lacking + i] += own(p, h, q[i], k[lacking + i], at[lacking + i])
        return rows

    def reference(core, q, k, v, allowed, bias) -> Result:
        p = {name: each.tolist() for name, each in core.core.named_parameters()}
        sides, both_ways = _sides(core, q, k), core.core.recurrence.both_ways
        weights = [
            [
                head(p, h, q[b][h], k[b][h], {name: x[b][h] for name, x in sides.items()}, allowed[b][-1], both_ways)
                for h in range(len(q[b]))
            ]
            for b in range(len(q))
        ]
        output = weighted_sums(weights, v)
        for b, heads in enumerate(output):
            for h, rows in enumerate(heads):
                for i, row in enumerate(rows):
                    rows[i] = finish(p, h, row, sides["gate"][b][h][i] if "gate" in sides else None)
        return weights, output

    return reference


def _scaled(q):
    return [x / math.sqrt(len(q)) for x in q]


def _delta_read(q):
    return _scaled(_unit([_silu(x) for x in q]))


def _writing(decay, write):
    return decay, write, [0.0] * len(write), [0.0] * len(write)


def _delta(k, strength, decay):
    unit, beta = _unit([_silu(x) for x in k]), _sigmoid(strength[0])
    return decay, [beta * x for x in unit], [-beta * x for x in unit], [a * x for a, x in zip(decay, unit, strict=True)]


def _swish_gated(p, h, x, gate):
    gain = p.get("gain", [1.0] * len(x))
    return [n * g * _silu(s) for n, g, s in zip(_rms(x), gain, gate, strict=True)]


def _mamba2_step(p, h, k, x):
    step = _softplus(x["step"][0] + p["step_bias"][h][0][0])
    decay = math.exp(-math.exp(p["log_rate"][h][0][0]) * step)
    return _writing([decay] * len(k), [step * _silu(each) for each in k])


def _mamba2_finish(p, h, x, gate):
    return [n * g for n, g in zip(_rms([y * _silu(s) for y, s in zip(x, gate, strict=True)]), p["gain"], strict=True)]


def _gla_step(p, h, k, x):
    raw = [d + b for d, b in zip(x["decay"], p["decay_bias"][h][0], strict=True)]
    return _writing([max(_sigmoid(each) ** (1 / 16), math.exp(-5)) for each in raw], k)


def _gated_delta_step(p, h, k, x):
    raw = [d + b for d, b in zip(x["decay"], p["step_bias"][h][0], strict=True)]
    decay = [math.exp(max(-5.0, -math.exp(p["log_rate"][h][0][0]) * _softplus(each))) for each in raw]
    return _delta(k, x["strength"], decay if len(decay) == len(k) else decay * len(k))


def _rwkv7_write(p, h, k, x):
    rate = [_sigmoid(a + b) for a, b in zip(x["rate"], p["rate_bias"][h][0], strict=True)]
    return rate, [k[d] * (1 + (rate[d] - 1) * p["mix"][h][0][d]) for d in range(len(k))]


def _rwkv7_step(p, h, k, x):
    rate, write = _rwkv7_write(p, h, k, x)
    removed = _unit([a * b for a, b in zip(k, p["removal"][h][0], strict=True)])
    raw = [d + b for d, b in zip(x["decay"], p["decay_bias"][h][0], strict=True)]
    decay = [math.exp(-math.exp(-0.5) * _sigmoid(each)) for each in raw]
    return decay, write, [-a * r for a, r in zip(rate, removed, strict=True)], removed


def _rwkv7_own(p, h, q, k, x):
    write = _rwkv7_write(p, h, k, x)[1]
    return sum(a * b * c for a, b, c in zip(q, p["bonus"][h][0], write, strict=True))


def _rwkv7_finish(p, h, x, gate):
    mean = sum(x) / len(x)
    normed = _rms([each - mean for each in x])
    return [n * g * _sigmoid(s) for n, g, s in zip(normed, p["gain"][h][0], gate, strict=True)]


def _kda_finish(p, h, x, gate):
    return [n * g * _sigmoid(s) for n, g, s in zip(_rms(x), p["gain"], gate, strict=True)]


def _normed(p, h, x, gate):
    return [n * g for n, g in zip(_rms(x), p["gain"], strict=True)]


retnet = _recurrent(lambda p, h, k, x: _writing([1 - 2.0 ** -(5 + h)] * len(k), k), _scaled, _swish_gated)
gla = _recurrent(_gla_step, _scaled, _swish_gated)
mamba2 = _recurrent(
    _mamba2_step, lambda q: [_silu(x) for x in q], _mamba2_finish, lambda p, h, q, k, x: p["skip"][h][0][0]
)
deltanet = _recurrent(lambda p, h, k, x: _delta(k, x["strength"], [1.0] * len(k)), _delta_read, _normed)
gated_deltanet = _recurrent(_gated_delta_step, _delta_read, _swish_gated)
kda = _recurrent(_gated_delta_step, _delta_read, _kda_finish)
rwkv7 = _recurrent(_rwkv7_step, lambda q: q, _rwkv7_finish, _rwkv7_own)

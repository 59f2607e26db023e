"""How a mechanism speaks of itself in Chinese: with its equation, the paper and its cost."""

import pytest

from attnlab.commands.explain.words import idea

DOCSTRING = """Each key counts.

    w_ij = softmax_j(u · q_i)        ({source})

    Cost: time T D²/H, memory T D; in chunks of 32. Decoding keeps few.
    """.replace("\n    ", "\n")


@pytest.mark.parametrize(
    "source, said",
    [
        ('Luong et al., 2015, section 3.1, "dot"', "        （Luong 等，2015，3.1 节，“dot”）"),
        ("Hou et al., 2021, eqs. 4 to 9", "        （Hou 等，2021，式 4–9）"),
        ("Bahdanau et al., 2015, appendix A.1.2", "        （Bahdanau 等，2015，附录 A.1.2）"),
        ("Dao and Gu, 2024, sections 3 and 7", "        （Dao、Gu，2024，3、7 节）"),
        ("the fixed one of Tay et al., 2020", ""),
    ],
)
def test_chinese_has_equation_paper_and_cost(source: str, said: str) -> None:
    assert list(idea(DOCSTRING.format(source=source), "每个键都算。", "zh")) == [
        "每个键都算。",
        "",
        f"w_ij = softmax_j(u · q_i){said}",
        "",
        "代价：时间 T D²/H，内存 T D；每 32 步一段",
    ]

"""The families of mechanisms: what a file says as `# family: NAME`, and how tables of them call it."""

from attnlab.language import Language, Words

# In the order of tables.
FAMILIES: dict[str, Words] = {
    "scores of content": Words("scores of content", "按内容评分"),
    "kernels": Words("kernels (Nadaraya-Watson)", "核回归（Nadaraya–Watson）"),
    "positions": Words("positions", "位置"),
    "places on a grid": Words("places on a grid, for images", "网格上的位置（用于图像）"),
    "other than softmax": Words("other than softmax", "不用 softmax"),
    "some pairs only": Words("some pairs only", "只看部分位置"),
    "linear cost": Words("linear cost", "线性代价"),
    "recurrent states": Words("recurrent states", "循环状态"),
    "heads and projections": Words("heads and projections", "头与投影"),
    "no dot product": Words("no dot product", "不用点积"),
    "controls": Words("controls", "对照组"),
}
HEADING = Words("family", "类别")


def said(line: str, language: Language) -> str:
    """`family: controls` of a file's head, in a language; any other line as it is."""
    heading, _, name = line.partition(": ")
    if language != "zh" or heading != HEADING.en or name not in FAMILIES:
        return line
    return f"{HEADING.zh}：{FAMILIES[name].zh}"

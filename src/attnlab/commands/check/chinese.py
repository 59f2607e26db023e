"""In Chinese, by the check's name: what it says of a mechanism that passes, and what a failure means."""

from typing import Final, NamedTuple


class Check(NamedTuple):
    """Its name as a sentence, and what its failure means for whoever trains with the mechanism."""

    name: str
    meaning: str


CHECKS: Final = {
    # of both suites
    "forward_is_weights_combined": Check(
        "forward 等于按权重合成",
        "`forward` 算的不是 `combine(weights(...))`；代替外壳的，则不是其核心的权重所给出的。图、复制和覆盖都读取权重："
        "它们会显示并没有做的事。",
    ),
    "gradients_agree_with_differences": Check(
        "梯度与差分一致",
        "反向计算不是前向计算的：有脱离计算图的张量、原地修改或折点。若本来就有折点，请在 `properties` 中设 "
        "smooth=False。",
    ),
    "bfloat16_stays_close": Check(
        "bfloat16 下结果相近",
        "机制在 bfloat16 下损失太多位数，或返回别的数据类型。请用 float32 算精细的部分，再以输入的类型返回。",
    ),
    "autocast_stays_close": Check(
        "autocast 下结果相近",
        "混合精度下结果或梯度有误。请在 torch.autocast(device_type, enabled=False) 之内用 float32 算精细的部分。",
    ),
    "every_parameter_is_trained": Check(
        "每个参数都得到训练",
        "有一个参数不影响输出。分布式训练遇到它会停下，权重衰减也会改动它。",
    ),
    "every_tensor_is_registered": Check(
        "每个张量都已登记",
        "有张量或模块像普通值那样存放，torch 找不到它：没有优化器训练它，检查点不保存它，模型移到 GPU 时它留在原处。",
    ),
    "a_saved_state_restores_everything": Check(
        "保存的状态能复原一切",
        "有决定输出的东西不在 state_dict() 里：检查点复原出的会是另一个模型。请把它设为参数或持久的 buffer。",
    ),
    "a_capture_sees_the_weights": Check(
        "捕获能看到权重",
        "`forward` 不经过 weights，或用的不是同样的数：图会是空的或错的。",
    ),
    # of attention
    "a_long_sequence_is_weights_combined": Check(
        "长序列也按权重合成",
        "序列超过一百个位置时，`forward` 与权重不再一致，或看到了后面：多半是从一段带到下一段的东西有误。",
    ),
    "advancing_gives_the_full_result": Check(
        "逐个推进与整体结果相同",
        "解码由之前留下的状态继续（`advance`），结果与一次算整个序列不同，或留下的越来越多：生成的文本会像出自另一个模型。",
    ),
    "texts_are_told_apart": Check(
        "各篇文本互不混淆",
        "首尾相接的文本（`data.texts_apart`）中一篇改变了另一篇，或从状态继续得出别的结果：多半是状态没有重新开始，"
        "或机制与序列多长有关。",
    ),
    "masked_keys_do_not_leak": Check(
        "掩去的键不泄漏",
        "`key_mask` 掩去的键仍改变输出或得到训练：填充成了结果的一部分。",
    ),
    "the_future_does_not_leak": Check(
        "未来不泄漏",
        "用在 causal 时，查询看到了它后面的内容：训练会作弊，而不能作弊的生成会失败。Tq 个查询中的第 i 个在位置 "
        "Tk - Tq + i。",
    ),
    "rows_of_the_batch_do_not_see_each_other": Check(
        "批次中各行互不相见",
        "结果取决于批次里还有什么：有归一化、平均或 softmax 沿批次的轴进行。",
    ),
    "training_mixes_no_rows_padding_or_future": Check(
        "训练时不混入其他行、填充与后文",
        "在训练中（评估中则不）结果取决于批次的其他行、填充或后面的键：BatchNorm 在它们全体上取均值与方差，模型训练时"
        "依赖的，以后再也没有。请改用 torch.nn.LayerNorm 或 RMSNorm，只在一个位置的通道上归一化。",
    ),
    "rows_sum_to_one": Check(
        "每行之和为 1",
        "查询对各键的权重之和不为 1：往往是 softmax 沿着别的轴，如头、查询或批次。若本来如此，请在 `properties` 中设 "
        "rows_sum_to_one=False。",
    ),
    "weights_are_not_negative": Check(
        "权重不为负",
        "有权重小于 0。若本来如此，请在 `properties` 中设 non_negative=False。",
    ),
    "nothing_to_attend_gives_zeros": Check(
        "无可注意时为零",
        "键全被掩去的查询（如空句子）给出的不是精确的零（代替外壳的，则是其投影对零给出的）：多半是只有 -inf 的 "
        "softmax，其 NaN 会传到每个权重。",
    ),
    "padding_changes_nothing": Check(
        "填充不改变结果",
        "序列与更长的放在一起时结果不同，于是结果取决于批次怎样组成。",
    ),
    "key_order_does_not_matter": Check(
        "键的次序无关",
        "键换了次序，结果就变，而只有含位置的机制才会这样。若本来含位置，请在 `properties` 中设 "
        "permutation_equivariant=False。",
    ),
    "a_bias_raises_what_it_favours": Check(
        "偏置提高它所偏向的",
        "`bias` 没有加到得分上：检测和相对位置都依靠它。没有得分的机制遇到偏置应抛出 ValueError，并在 `properties` "
        "中设 takes_bias=False。",
    ),
    "a_bias_of_minus_infinity_hides": Check(
        "负无穷的偏置能掩去",
        "偏置 -inf 是 torch 自己的掩码表示键不可注意的方式，这里却没有禁止，或得出 NaN：多半是两个无穷大的差或积。",
    ),
    "a_vector_of_zeros_is_attended": Check(
        "零向量可以注意",
        "全零的查询或键得出 NaN，多半是除以了它的范数：一个这样的向量就会使训练终止。请用 "
        "torch.nn.functional.normalize，或在分母上加一个小数。",
    ),
    "steps_through_a_cache_give_the_full_result": Check(
        "用缓存逐个解码与整体结果相同",
        "之前的键在缓存里、逐个词元解码时，结果与一次算整个序列不同：模型生成时的规则与训练时不同。",
    ),
    "attend_is_forward_with_weights": Check(
        "attend 即 forward 加权重",
        "`attend` 为复制和覆盖给出输出和权重，而它的输出与 `forward` 的不同，或权重没有梯度通过。",
    ),
    "what_is_not_used_does_not_matter": Check(
        "不用的没有影响",
        "机制读了 `uses` 没有写的查询或键。外壳不投影它：给的是没有内容的替代物。",
    ),
    "dropout_acts_in_training_only": Check(
        "dropout 只在训练中起作用",
        "构造函数所给的 `dropout` 在训练中什么也没有丢弃，或在评估中仍起作用。",
    ),
    "weights_are_before_dropout": Check(
        "权重不含 dropout",
        "训练中 `weights` 给出的与评估时不同，如 dropout 用在得分上，或有 BatchNorm 时：`attend`、图和覆盖要的是机制"
        "自己的权重。请在 `forward` 中、`weights` 之后丢弃。",
    ),
    # of what stands in the shell's place
    "methods_are_called_as_the_shells": Check(
        "方法可像外壳的那样调用",
        "模型以外壳的参数和名字调用 `project`、`forward` 和 `attend`。",
    ),
    "a_source_projected_before_gives_the_same": Check(
        "预先投影的原文结果相同",
        "注意 `project(source)` 与注意原文不同。解码器只投影一次，每一步都注意它。",
    ),
    "a_source_of_another_width_is_taken": Check(
        "可接受另一宽度的原文",
        "编码器与解码器宽度不同的模型，用 `key_dim` 和 `value_dim` 给出它的宽度。",
    ),
    # of feature_attention
    "shape_and_dtype_are_kept": Check(
        "形状和数据类型不变",
        "在不超过 `max_size` 的某个大小上，得出的特征图与输入的不同，或输入被改动：机制不能放在两层之间。",
    ),
    "weights_keep_their_range_and_sum": Check(
        "权重的范围与和如所声明",
        "权重与 `properties` 所说的不符：小于 0、大于 1，或和不同。",
    ),
    "weights_carry_a_gradient": Check(
        "权重有梯度通过",
        "没有梯度通过 `weights`，所以没有什么能训练产生它们的部分。",
    ),
    "images_do_not_see_each_other": Check(
        "各图像互不相见",
        "一张图像的结果取决于批次里的其他图像：有运算沿批次的轴进行。",
    ),
    "what_may_be_reordered_may": Check(
        "可换次序的换了也对应",
        "输入的位置换了次序，输出没有随之同样换，与 `properties` 的 `equivariant_to` 所说不符。",
    ),
    "memory_layout_does_not_matter": Check(
        "内存布局无关",
        "特征图在内存中的布局不同（通道在最后，或转置）时结果不同：多半是该用 `reshape` 处用了 `view`。",
    ),
    "evaluation_repeats_itself": Check(
        "评估可重复",
        "评估时同样的输入给出别的结果，或改变了机制的状态。",
    ),
}

"""What it means for whoever trains with it that a mechanism fails a check, by the check's name."""

MEANINGS = {
    # of both suites
    "forward_is_weights_combined": (
        "`forward` computes something else than `combine(weights(...))`, or in the shell's place something else than "
        "its core's weights make. Maps, copying and coverage read the weights: they would show what isn't done."
    ),
    "gradients_agree_with_differences": (
        "The backward pass isn't that of the forward pass: a detached tensor, an in-place change or a kink. If it has "
        "a kink by design, set smooth=False in `properties`."
    ),
    "bfloat16_stays_close": (
        "The mechanism loses too many digits in bfloat16, or returns another dtype. Compute the delicate part in "
        "float32 and return the dtype that came in."
    ),
    "autocast_stays_close": (
        "Under mixed precision the result or a gradient is wrong. Compute the delicate part in float32, within "
        "torch.autocast(device_type, enabled=False)."
    ),
    "every_parameter_is_trained": (
        "A parameter has no part in the output. Distributed training stops at such a one, and weight decay moves it."
    ),
    "every_tensor_is_registered": (
        "A tensor or a module is held as any other value, where torch doesn't look for it: no optimizer trains it, no "
        "checkpoint saves it, and it stays behind when the model moves to a GPU."
    ),
    "a_saved_state_restores_everything": (
        "Something that decides the output isn't in state_dict(): a checkpoint would restore another model. Make it a "
        "parameter or a persistent buffer."
    ),
    "a_capture_sees_the_weights": (
        "`forward` doesn't go through the weights, or not with the same numbers: maps would be empty or wrong."
    ),
    # of attention
    "a_long_sequence_is_weights_combined": (
        "In a sequence of more than a hundred places `forward` and the weights part, or look ahead: mostly what is "
        "carried from one chunk to the next."
    ),
    "advancing_gives_the_full_result": (
        "Decoding, which goes on from what was kept of the steps before (`advance`), gives another result than the "
        "whole sequence at once, or what is kept grows: generated text would come from another model."
    ),
    "texts_are_told_apart": (
        "Of texts packed one after another (`data.texts_apart`) one changes another, or going on from a state gives "
        "something else: mostly a state that isn't begun anew, or a mechanism that minds how long its sequence is."
    ),
    "masked_keys_do_not_leak": (
        "A key that `key_mask` hides still changes the output or is trained on: padding becomes a part of the result."
    ),
    "the_future_does_not_leak": (
        "In the causal role a query sees what comes after it: training would cheat, and generation, which can't, would "
        "fall apart. Query i of Tq sits at position Tk - Tq + i."
    ),
    "rows_of_the_batch_do_not_see_each_other": (
        "A result depends on what else is in its batch: a norm, mean or softmax runs over the batch axis."
    ),
    "training_mixes_no_rows_padding_or_future": (
        "In training, though not in evaluation, a result depends on other rows of its batch, on padding or on later "
        "keys: a BatchNorm takes its mean and spread over all of them, so a model would train on what it never has "
        "again. Use torch.nn.LayerNorm or RMSNorm, over the channels of one place."
    ),
    "rows_sum_to_one": (
        "The weights of a query don't sum to one over its keys: often a softmax over another axis, the heads, the "
        "queries or the batch. If that is by design, set rows_sum_to_one=False in `properties`."
    ),
    "weights_are_not_negative": (
        "Some weight is below zero. If that is by design, set non_negative=False in `properties`."
    ),
    "nothing_to_attend_gives_zeros": (
        "A query whose keys are all masked, as in an empty sentence, doesn't give exact zeros (in the shell's place, "
        "what its projections make of zeros): mostly a softmax over -inf alone, whose NaN spreads to every weight."
    ),
    "padding_changes_nothing": (
        "A sequence gives another result beside a longer one, so results depend on how batches are made up."
    ),
    "key_order_does_not_matter": (
        "Reordering the keys changes the result, which only a mechanism with positions does. If it has them by design, "
        "set permutation_equivariant=False in `properties`."
    ),
    "a_bias_raises_what_it_favours": (
        "`bias` isn't added to the scores: detection and relative positions rely on it. A mechanism without scores "
        "raises ValueError for a bias and sets takes_bias=False in `properties`."
    ),
    "a_bias_of_minus_infinity_hides": (
        "A bias of -inf, as torch's own masks have it where a key may not be attended, doesn't forbid, or makes NaN: "
        "mostly a difference or product of two infinities."
    ),
    "a_vector_of_zeros_is_attended": (
        "A query or key of zeros makes NaN, mostly by division through its norm: one such vector ends a training. Use "
        "torch.nn.functional.normalize, or add a small number below the line."
    ),
    "steps_through_a_cache_give_the_full_result": (
        "Decoding token by token, with earlier keys in a cache, gives another result than the whole sequence at once: "
        "a model would generate by other rules than it was trained by."
    ),
    "attend_is_forward_with_weights": (
        "`attend`, which gives output and weights for copying and coverage, gives another output than `forward`, or "
        "weights that no gradient passes."
    ),
    "what_is_not_used_does_not_matter": (
        "The mechanism reads a query or key that `uses` doesn't name. The shell doesn't project that one: it gets a "
        "stand-in without content."
    ),
    "dropout_acts_in_training_only": (
        "The `dropout` that the constructor is given drops nothing in training, or still acts in evaluation."
    ),
    "weights_are_before_dropout": (
        "In training `weights` gives others than in evaluation, as where dropout acts on the scores, or a BatchNorm "
        "does: `attend`, maps and coverage are to have the mechanism's own weights. Drop weights in `forward`, after "
        "`weights`."
    ),
    # of what stands in the shell's place
    "methods_are_called_as_the_shells": (
        "Models call `project`, `forward` and `attend` with the shell's arguments, by the shell's names."
    ),
    "a_source_projected_before_gives_the_same": (
        "Attending to `project(source)` isn't attending to the source. Decoders project once and attend at every step."
    ),
    "a_source_of_another_width_is_taken": (
        "A model whose encoder has another width than its decoder passes it as `key_dim` and `value_dim`."
    ),
    # of feature_attention
    "shape_and_dtype_are_kept": (
        "The map that comes out isn't like the map that went in, for some size up to `max_size`, or the input was "
        "changed: the mechanism can't be put between two layers."
    ),
    "weights_keep_their_range_and_sum": (
        "The weights aren't what `properties` say of them: below zero, above one, or of another sum."
    ),
    "weights_carry_a_gradient": "No gradient passes through `weights`, so nothing would train what makes them.",
    "images_do_not_see_each_other": (
        "An image's result depends on the others in its batch: something runs over the batch axis."
    ),
    "what_may_be_reordered_may": (
        "Reordering positions of the input doesn't reorder the output alike, as `equivariant_to` in `properties` says."
    ),
    "memory_layout_does_not_matter": (
        "A map that lies otherwise in memory, channels last or transposed, gives another result: mostly a `view` "
        "that should be a `reshape`."
    ),
    "evaluation_repeats_itself": "In evaluation the same input gives another result, or changes the mechanism's state.",
}

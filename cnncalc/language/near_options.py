"""Words that people write for options and that are none here, with what to write instead.

Names of the frameworks' classes stand with the kinds; these are abbreviations, other tools' words,
and what belongs elsewhere.
"""

from __future__ import annotations

from cnncalc.layers import registry

_WORDS = {
    "kernel": "k ksize kernel_sz kernel_shape kernel_sizes kernelsize kernels f_size filter_size "
    "filtersize window window_size pool poolsize size receptive_field",
    "filters": "num_channels n_channels channels n_filters num_filters nb_filter nb_filters "
    "number_of_filters out out_ch out_planes output_channels outchannels num_output num_outputs "
    "num_kernels n_kernels output_dim units width depth maps feature_maps n",
    "units": "num_units n_units num_hidden hidden hidden_size hidden_units neurons nodes out "
    "num_output num_outputs output output_dim output_size filters n width size dim",
    "stride": "s subsample step steps strides_ stride_size stridesize subsampling",
    "padding": "p pads pad_size border border_mode zero_padding auto_pad padding_size pad_",
    "dilation": "d dilations dilate dilation_factor atrous atrous_rate hole dilation_rates",
    "groups": "group n_groups num_groups num_group g cardinality n_group",
    "bias": "b has_bias with_bias bias_term biases use_biases",
    "rate": "p prob probability dropout drop drop_rate dropout_rate drop_prob",
    "activation": "act act_fn activation_fn activation_function nonlinearity act_layer",
    "scale": "factor scale_factor size s",
    "multiplier": "channel_multiplier depth_multiplier",
}
"""By the option that is meant: only where the kind has it."""

_OPTION_OF = {option: {word for word in words.split() if word} for option, words in _WORDS.items()}


def near_option(word: str, owner: str, names: dict[str, str]) -> tuple[str, ...]:
    """Help for a key among a kind's options that is none; `names` are the kind's spellings."""
    from cnncalc.language.items import WIRING

    if word in WIRING:
        return (f"it stands beside the kind: `{{{word}: …, {owner}: {{…}}}}`",)
    if word.isdigit():
        return ("inside {…} a comma ends the value: a list is [3, 5], and 1,000 is 1000",)
    folded = word.casefold().replace("-", "_")
    own = set(names.values())
    meant = [option for option, words in _OPTION_OF.items() if option in own and folded in words]
    if meant and folded == "k" and "filters" in own:
        return ("the kernel is `kernel` or `F`; `K` is the number of filters",)
    if meant:
        return (f"write `{meant[0]}`",)
    if folded == "keep_prob" and "rate" in own:
        return ("write `rate`: 1 − keep_prob",)
    kind = registry.find(word)
    if kind is not None and own and word not in own:
        return (f"`{word}` is a kind: write it as an item of its own, `- {word}`",)
    return ()

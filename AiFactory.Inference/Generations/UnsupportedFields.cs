using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Generations;

/// <summary>Fields of OpenAI, vLLM and llama-server that would change an answer and that are not there: asked for, they are refused, never ignored.</summary>
internal static class UnsupportedFields
{
    /// <summary>With the way out, and with the number that asks for nothing.</summary>
    private static readonly Dictionary<string, (string Instead, double? Neutral)> Names = new()
    {
        ["audio"] = ("", null),
        ["function_call"] = (": use 'tool_choice'", null),
        ["reasoning_effort"] = (": use 'chat_template_kwargs', where the model's template knows it", null),
        ["store"] = (": nothing is kept", null),
        ["verbosity"] = ("", null),
        ["web_search_options"] = ("", null),
        ["add_generation_prompt"] = ("", 1),
        ["add_special_tokens"] = ("", null),
        ["allowed_token_ids"] = (": use 'logit_bias' or 'guided_regex'", null),
        ["bad_words"] = (": use 'logit_bias'", null),
        ["best_of"] = (": use 'n'", 1),
        ["chat_template"] = (": the model's own is used", null),
        ["continue_final_message"] = ("", null),
        ["documents"] = (": put them into a message", null),
        ["early_stopping"] = ("", null),
        ["echo"] = ("", null),
        ["guided_whitespace_pattern"] = ("", null),
        ["include_stop_str_in_output"] = ("", null),
        ["length_penalty"] = ("", 1),
        ["logits_processors"] = ("", null),
        ["prompt_logprobs"] = ("", null),
        ["return_token_ids"] = ("", null),
        ["return_tokens_as_token_ids"] = ("", null),
        ["skip_special_tokens"] = ("", 1),
        ["spaces_between_special_tokens"] = ("", 1),
        ["structural_tag"] = ("", null),
        ["truncate_prompt_tokens"] = ("", -1),
        ["use_beam_search"] = ("", null),
        ["dry_multiplier"] = ("", 0),
        ["dynatemp_range"] = ("", 0),
        ["grammar_lazy"] = ("", null),
        ["grammar_triggers"] = ("", null),
        ["id_slot"] = ("", -1),
        ["json_schema"] = (": use 'response_format'", null),
        ["lora"] = ("", null),
        ["mirostat"] = ("", 0),
        ["n_indent"] = ("", 0),
        ["n_keep"] = ("", 0),
        ["n_predict"] = (": use 'max_tokens'", -1),
        ["n_probs"] = (": use 'logprobs'", 0),
        ["repeat_penalty"] = (": use 'repetition_penalty'", 1),
        ["samplers"] = ("", null),
        ["t_max_predict_ms"] = ("", 0),
        ["top_a"] = ("", 0),
        ["top_n_sigma"] = ("", -1),
        ["typ_p"] = (": use 'typical_p'", 1),
        ["xtc_probability"] = ("", 0),
    };

    public static OpenAIError? Refuse(GenerationParameters request)
    {
        foreach (var (name, value) in request.Others ?? new Dictionary<string, JsonElement>())
        {
            if (Names.TryGetValue(name, out var known) && IsAsked(value, known.Neutral))
            {
                return OpenAIError.Unsupported(name, known.Instead);
            }
        }

        return null;
    }

    /// <summary>True stands for 1 where that asks for nothing.</summary>
    private static bool IsAsked(JsonElement value, double? neutral) => value.ValueKind switch
    {
        JsonValueKind.False => neutral == 1,
        JsonValueKind.True => neutral != 1,
        JsonValueKind.String => RequestValues.Text(value) != "",
        JsonValueKind.Number => !(value.TryGetDouble(out var number) && number == (neutral ?? 0)),
        _ => !GenerationParametersReader.IsEmpty(value),
    };
}

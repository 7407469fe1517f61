using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Generations;

/// <summary>Checks what a request asks of the tokens of its answer, but for their grammar.</summary>
internal static class AnswerRulesReader
{
    /// <summary>OpenAI's own limit.</summary>
    public const int MostTopLogprobs = 20;

    private const int MostBiases = 1_024;
    private const int MostStopTokens = 256;

    /// <param name="topLogprobs">What the route's own fields ask for.</param>
    public static OpenAIError? Read(GenerationParameters request, LlamaModel model, int? topLogprobs, out AnswerRules rules)
    {
        rules = AnswerRules.None;
        var (bias, stops) = (FrozenDictionary<int, float>.Empty, FrozenSet<int>.Empty);
        var refusal = GenerationParametersReader.Between(request.MinTokens, 0, int.MaxValue, "min_tokens")
            ?? ReadBias(request.LogitBias, model, out bias)
            ?? ReadStopTokens(request.StopTokenIds, model, out stops);
        rules = new AnswerRules { Bias = bias, StopTokens = stops, LeastTokens = request.MinTokens ?? 0, IgnoresEnd = request.IgnoreEos == true, TopLogprobs = topLogprobs };
        return refusal;
    }

    /// <summary>Holds the answer to a grammar too, where there is one.</summary>
    public static OpenAIError? Hold(AnswerGrammar? answer, ref AnswerRules rules)
    {
        if (answer is null)
        {
            return null;
        }

        var refusal = answer.Compile(out var grammar);
        rules = rules with { Grammar = grammar };
        return refusal;
    }

    /// <summary>An object like <c>{"50256": -100}</c>.</summary>
    private static OpenAIError? ReadBias(JsonElement? value, LlamaModel model, out FrozenDictionary<int, float> bias)
    {
        const string Field = "logit_bias";
        bias = FrozenDictionary<int, float>.Empty;
        if (GenerationParametersReader.IsEmpty(value))
        {
            return null;
        }

        if (value is not { ValueKind: JsonValueKind.Object } given || given.EnumerateObject().Count() > MostBiases)
        {
            return OpenAIError.Invalid($"'{Field}' is an object of at most {MostBiases} tokens.", Field);
        }

        var read = new Dictionary<int, float>();
        foreach (var entry in given.EnumerateObject())
        {
            var isToken = int.TryParse(Name(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var token) && token < model.VocabularySize;
            if (!isToken)
            {
                return OpenAIError.Invalid($"A key of '{Field}' is a token of the model: a number from 0 to {model.VocabularySize - 1}.", Field);
            }

            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetDouble(out var added) || added is not (>= -100 and <= 100))
            {
                return OpenAIError.Invalid($"A value of '{Field}' is a number from -100 to 100.", $"{Field}.{token}");
            }

            read[token] = (float)added;
        }

        bias = read.ToFrozenDictionary();
        return null;
    }

    /// <summary>Null when it is no valid Unicode.</summary>
    private static string? Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static OpenAIError? ReadStopTokens(JsonElement? value, LlamaModel model, out FrozenSet<int> stops)
    {
        const string Field = "stop_token_ids";
        stops = FrozenSet<int>.Empty;
        if (GenerationParametersReader.IsEmpty(value))
        {
            return null;
        }

        if (value is not { ValueKind: JsonValueKind.Array } given || given.GetArrayLength() > MostStopTokens)
        {
            return OpenAIError.Invalid($"'{Field}' is an array of at most {MostStopTokens} tokens.", Field);
        }

        var read = new HashSet<int>();
        foreach (var item in given.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out var token) || token < 0 || token >= model.VocabularySize)
            {
                return OpenAIError.Invalid($"'{Field}' has tokens of the model: numbers from 0 to {model.VocabularySize - 1}.", Field);
            }

            read.Add(token);
        }

        stops = read.ToFrozenSet();
        return null;
    }
}

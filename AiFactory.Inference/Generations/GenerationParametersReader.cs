using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Generations;

/// <summary>Checks what chat completions and completions ask for alike, and refuses by name what is not supported: nothing that would change the answer is ignored.</summary>
internal static class GenerationParametersReader
{
    private const int LongestStop = 512;
    private const int MostStops = 4;

    /// <summary>OpenAI's own limit.</summary>
    private const int MostChoices = 128;

    /// <param name="defaults">The model's own, for what the request does not say; what neither says is as OpenAI has it.</param>
    public static OpenAIError? Read(GenerationParameters request, SamplingDefaults defaults, out LlamaSamplerOptions sampling, out IReadOnlyList<string> stop)
    {
        sampling = new LlamaSamplerOptions(
            (float)(request.Temperature ?? defaults.Temperature ?? 1),
            (float)(request.TopP ?? defaults.TopP ?? 1),
            Math.Max(0, request.TopK ?? defaults.TopK ?? 0),
            (float)(request.MinP ?? defaults.MinP ?? 0),
            request.Seed is { } seed ? unchecked((uint)(seed ^ (seed >> 32))) : (uint)Random.Shared.NextInt64(uint.MaxValue),
            (float)(request.RepetitionPenalty ?? defaults.RepetitionPenalty ?? 1),
            (float)(request.FrequencyPenalty ?? 0),
            (float)(request.PresencePenalty ?? 0))
        {
            TypicalP = (float)(request.TypicalP ?? 1),
        };
        stop = [];
        return Between(request.Temperature, 0, 2, "temperature")
            ?? Between(request.TopP, 0, 1, "top_p")
            ?? Between(request.MinP, 0, 1, "min_p")
            ?? Between(request.PresencePenalty, -2, 2, "presence_penalty")
            ?? Between(request.FrequencyPenalty, -2, 2, "frequency_penalty")
            ?? Between(request.RepetitionPenalty, 0.01, 10, "repetition_penalty")
            ?? Between(request.TopK, -1, int.MaxValue, "top_k")
            ?? Between(request.MaxTokens, 1, int.MaxValue, "max_tokens")
            ?? Between(request.TypicalP, 0, 1, "typical_p")
            ?? Between(request.N, 1, MostChoices, "n")
            ?? UnsupportedFields.Refuse(request)
            ?? (request.StreamOptions is not null && request.Stream != true
                ? OpenAIError.Invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
                : null)
            ?? ReadStop(request.Stop, out stop);
    }

    public static OpenAIError? Between(double? value, double least, double most, string name) => value switch
    {
        null => null,
        double.NaN => OpenAIError.Invalid($"'{name}' is not a number.", name),
        _ when value < least => OpenAIError.Invalid($"{value} is less than the minimum of {least} - '{name}'", name, "integer_below_min_value"),
        _ when value > most => OpenAIError.Invalid($"{value} is greater than the maximum of {most} - '{name}'", name, "integer_above_max_value"),
        _ => null,
    };

    /// <summary>Absent, null, <c>{}</c> or <c>[]</c>: asked for and empty is not asked for.</summary>
    public static bool IsEmpty(JsonElement? value) => value is not { } element || element.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        JsonValueKind.Object => !element.EnumerateObject().Any(),
        JsonValueKind.Array => element.GetArrayLength() == 0,
        _ => false,
    };

    private static OpenAIError? ReadStop(JsonElement? value, out IReadOnlyList<string> stop)
    {
        stop = [];
        var read = new List<string?>();
        switch (value)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.String } text:
                read.Add(RequestValues.Text(text));
                break;
            case { ValueKind: JsonValueKind.Array } array when array.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                read.AddRange(array.EnumerateArray().Select(RequestValues.Text));
                break;
            default:
                return OpenAIError.Invalid("'stop' must be a string or an array of strings.", "stop");
        }

        stop = [.. read.OfType<string>()];
        return stop.Count < read.Count ? OpenAIError.Invalid("A 'stop' string is valid Unicode.", "stop")
            : stop.Count > MostStops ? OpenAIError.Invalid($"'stop' has {stop.Count} strings, at most {MostStops} are allowed.", "stop")
            : stop.Any(text => text.Length is 0 or > LongestStop) ? OpenAIError.Invalid($"A 'stop' string has 1 to {LongestStop} characters.", "stop")
            : null;
    }
}

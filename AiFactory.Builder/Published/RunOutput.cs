using System.Text.Json;
using AiFactory.Builder.Steps;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Published;

/// <summary>Reads what a run answered: <c>{"text":"...","json":{...},"passages":[...]}</c>.</summary>
internal static class RunOutput
{
    private static readonly string[] Ports = ["text", "json", "passages"];

    /// <summary>The text; where the flow gives none, its JSON or its passages as text.</summary>
    internal static string Text(RunResponse run)
    {
        foreach (var port in Ports)
        {
            if (Port(run.Output, port) is { } value)
            {
                return PortValues.ToText(value);
            }
        }

        return "";
    }

    /// <summary>What the flow gives as passages; where it gives none, what the last of its steps that found any found.</summary>
    internal static IReadOnlyList<Passage> Passages(RunResponse run) =>
        Read(Port(run.Output, "passages"))
        ?? run.Steps?.OrderByDescending(step => step.FinishedAt).Select(step => Read(Port(step.Output, "passages"))).FirstOrDefault(passages => passages is not null)
        ?? [];

    private static JsonElement? Port(JsonElement? output, string name) =>
        output is { ValueKind: JsonValueKind.Object } ports && ports.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static IReadOnlyList<Passage>? Read(JsonElement? value)
    {
        try
        {
            return value is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0 ? array.Deserialize<IReadOnlyList<Passage>>(JsonSerializerOptions.Web) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiFactory.Inference.Tests.ShippedModels;

/// <summary>One case that the training never saw. A line of <c>cases.jsonl</c>: <c>{"skill":"tool","request":{...},"expected":{"name":"get_weather","arguments":{"city":"Oslo"}}}</c>.</summary>
public sealed record HeldOutCase(string Skill, JsonObject Request, JsonObject Expected)
{
    public static IReadOnlyList<HeldOutCase> All { get; } =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "ShippedModels", "cases.jsonl"))
            .Select(line => JsonSerializer.Deserialize<HeldOutCase>(line, JsonSerializerOptions.Web) ?? throw new InvalidDataException("a line holds null")),
    ];

    /// <summary>Exactly the expected text, or the one expected call.</summary>
    public bool IsAnsweredBy(JsonNode message)
    {
        var calls = message["tool_calls"]?.AsArray();
        if (Expected["content"] is { } content)
        {
            return calls is null && message["content"]?.GetValue<string>().Trim() == content.GetValue<string>();
        }

        return calls is [{ } call]
            && call["function"]?["name"]?.GetValue<string>() == Expected["name"]?.GetValue<string>()
            && JsonNode.DeepEquals(Read(call["function"]?["arguments"]?.GetValue<string>()), Expected["arguments"]);
    }

    /// <summary>Null for what is no JSON, or names an argument twice.</summary>
    private static JsonNode? Read(string? arguments)
    {
        try
        {
            return arguments is null ? null : JsonNode.Parse(arguments, null, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

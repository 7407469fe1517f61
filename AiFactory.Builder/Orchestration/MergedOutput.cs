using System.Text.Json;
using AiFactory.Builder.Runs;

namespace AiFactory.Builder.Orchestration;

/// <summary>What the output steps were given, as one object: texts of several with a blank line between, of anything else the first.</summary>
internal static class MergedOutput
{
    private const string Text = "text";

    /// <param name="outputs">JSON objects, in the order of the flow.</param>
    internal static string Of(IEnumerable<string> outputs)
    {
        var merged = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var texts = new List<string?>();
        foreach (var value in outputs.SelectMany(output => JsonSerializer.Deserialize<JsonElement>(output).EnumerateObject()))
        {
            merged.TryAdd(value.Name, value.Value);
            if (value.Name == Text)
            {
                texts.Add(value.Value.GetString());
            }
        }

        if (texts.Count > 1)
        {
            merged[Text] = JsonSerializer.SerializeToElement(string.Join("\n\n", texts));
        }

        return StorableJson.Write(merged);
    }
}

using System.Text.Json;

namespace AiFactory.Builder.Steps;

/// <summary>What the edges brought to a step, in their order.</summary>
internal sealed class StepInputs(IReadOnlyList<StepValue> values)
{
    internal JsonElement? First(string port) => values.FirstOrDefault(value => value.Port == port)?.Value;

    internal IEnumerable<JsonElement> All(string port) => values.Where(value => value.Port == port).Select(value => value.Value);

    /// <summary>The port's values as text, with a blank line between them; null when there is none.</summary>
    internal string? Text(string port)
    {
        var texts = All(port).Select(PortValues.ToText).ToList();
        return texts.Count == 0 ? null : string.Join("\n\n", texts);
    }

    /// <summary>What a template's <c>{{name}}</c> stands for: the port of that name, else what the connected step of that name gave.</summary>
    internal string? Variable(string name) =>
        Text(name) ?? (values.Where(value => value.Source == name).Select(value => PortValues.ToText(value.Value)).ToList() is { Count: > 0 } texts ? string.Join("\n\n", texts) : null);
}

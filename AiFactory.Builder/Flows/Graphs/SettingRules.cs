using System.Text.Json;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Steps;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Flows.Graphs;

/// <summary>Holds a node's settings to what its type says of them.</summary>
internal static class SettingRules
{
    internal static IEnumerable<GraphProblem> Check(FlowNode node, IStepType type)
    {
        var described = type.Description.Settings;
        foreach (var name in node.Settings?.Keys.Where(name => described.All(setting => setting.Name != name)) ?? [])
        {
            yield return Problem(GraphProblemCodes.SettingUnknown, $"has no setting '{name}'.");
        }

        var isWhole = true;
        var settings = new StepSettings(type.Description, node.Settings);
        foreach (var setting in described)
        {
            var value = settings.Value(setting.Name);
            if (setting.Required && (value is null or { ValueKind: JsonValueKind.String } && string.IsNullOrWhiteSpace(value?.GetString())))
            {
                isWhole = false;
                yield return Problem(GraphProblemCodes.SettingMissing, $"needs the setting '{setting.Title}'.");
            }
            else if (value is { } given && Complaint(setting, given) is { } complaint)
            {
                isWhole = false;
                yield return Problem(GraphProblemCodes.SettingInvalid, $": '{setting.Title}' {complaint}");
            }
        }

        // A type's own rules may rely on each setting being of its kind.
        foreach (var (name, complaint) in isWhole ? type.Check(settings) : [])
        {
            yield return Problem(GraphProblemCodes.SettingInvalid, $": '{described.First(setting => setting.Name == name).Title}': {complaint}");
        }

        GraphProblem Problem(string code, string text) => new(node.Id, null, code, $"{GraphValidator.Name(node)}{(text[0] == ':' ? "" : " ")}{text}");
    }

    internal static IEnumerable<GraphProblem> Secrets(FlowNode node, IStepType type) =>
        type.Secrets(new StepSettings(type.Description, node.Settings))
            .Select(leak => new GraphProblem(node.Id, null, GraphProblemCodes.SettingInvalid, $"{GraphValidator.Name(node)}: {leak.Complaint}"));

    /// <summary>A setting that holds a secret is hidden whole; of headers the names stay.</summary>
    internal static FlowNode WithoutSecrets(FlowNode node, IStepType type)
    {
        var leaks = type.Secrets(new StepSettings(type.Description, node.Settings)).Select(leak => leak.Setting).ToHashSet(StringComparer.Ordinal);
        return leaks.Count == 0 || node.Settings is null
            ? node
            : node with { Settings = node.Settings.ToDictionary(setting => setting.Key, setting => leaks.Contains(setting.Key) ? Hidden(setting.Value) : setting.Value) };
    }

    private static JsonElement Hidden(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? JsonSerializer.SerializeToElement(value.EnumerateObject().DistinctBy(member => member.Name).ToDictionary(member => member.Name, _ => SecretReferences.Hidden))
        : JsonSerializer.SerializeToElement(SecretReferences.Hidden);

    private static string? Complaint(StepSetting setting, JsonElement value)
    {
        switch (setting.Kind)
        {
            case SettingKinds.Number when value.ValueKind != JsonValueKind.Number:
                return "is a number.";
            case SettingKinds.Number when (setting.Min is { } min && value.GetDouble() < min) || (setting.Max is { } max && value.GetDouble() > max):
                return $"must lie between {setting.Min?.ToString() ?? "any"} and {setting.Max?.ToString() ?? "any"}.";
            case SettingKinds.Boolean when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                return "is true or false.";
            case SettingKinds.Select when value.ValueKind != JsonValueKind.String || setting.Options?.Contains(value.GetString() ?? "") != true:
                return $"is one of: {string.Join(", ", setting.Options ?? [])}.";
            case SettingKinds.Number or SettingKinds.Boolean or SettingKinds.Select or SettingKinds.Json:
                return null;
            default:
                return value.ValueKind == JsonValueKind.String ? null : "is a text.";
        }
    }
}

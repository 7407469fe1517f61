using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;

namespace AiFactory.Builder.Steps;

/// <summary>Short ways to write a step type's ports and settings.</summary>
internal static class StepDescription
{
    internal const string Timeout = "timeoutSeconds";
    internal const string Retries = "retries";

    internal static StepInput Needs(string name, string type, bool multiple = false) => new(name, type, Required: true, multiple);

    internal static StepInput Takes(string name, string type, bool multiple = false) => new(name, type, Required: false, multiple);

    internal static StepOutput Gives(string name, string type) => new(name, type);

    internal static JsonElement Default<T>(T value) => JsonSerializer.SerializeToElement(value);

    /// <summary>The two settings of every step that waits for something outside.</summary>
    internal static IEnumerable<StepSetting> Waiting(StepPolicy policy) =>
    [
        new(Timeout, "Timeout in seconds", SettingKinds.Number, Default: Default(policy.Timeout.TotalSeconds), Help: "For one attempt.", Min: 1, Max: 3600),
        new(Retries, "Retries", SettingKinds.Number, Default: Default(policy.Retries), Help: "Further attempts when one failed for a reason that may pass.", Min: 0, Max: 10),
    ];
}

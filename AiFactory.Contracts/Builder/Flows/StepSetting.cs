using System.Text.Json;

namespace AiFactory.Contracts.Builder.Flows;

/// <param name="Kind">See <see cref="SettingKinds"/>.</param>
/// <param name="Default">What holds when it is not set; null for nothing.</param>
/// <param name="Options">For a select: what can be chosen.</param>
/// <param name="Help">A sentence for the form.</param>
/// <param name="Min">For a number.</param>
/// <param name="Max">For a number.</param>
public sealed record StepSetting(
    string Name,
    string Title,
    string Kind,
    bool Required = false,
    JsonElement? Default = null,
    IReadOnlyList<string>? Options = null,
    string? Help = null,
    double? Min = null,
    double? Max = null);

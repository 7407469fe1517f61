using System.Text.Json.Serialization;

namespace AiFactory.Inference.Lifecycle;

internal sealed record SleepState(bool IsSleeping);

internal sealed record ModelChange(string? Model);

internal sealed record ModelChanged(bool Success);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SleepState))]
[JsonSerializable(typeof(ModelChange))]
[JsonSerializable(typeof(ModelChanged))]
internal sealed partial class LifecycleJson : JsonSerializerContext;

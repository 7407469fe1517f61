using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Contracts.Builder.Runs;

namespace AiFactory.Builder.Runs;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RunEventResponse))]
[JsonSerializable(typeof(RunDelta))]
[JsonSerializable(typeof(DeltaData))]
internal sealed partial class RunJson : JsonSerializerContext;

/// <summary>What a <c>step.delta</c> says.</summary>
internal sealed record DeltaData(string Text, int Offset, bool Answer);

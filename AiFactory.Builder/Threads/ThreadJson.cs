using System.Text.Json.Serialization;
using AiFactory.Contracts.Builder.Threads;

namespace AiFactory.Builder.Threads;

/// <summary>The events of a thread: camelCase; what a step has nothing to say of is left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ThreadDelta))]
[JsonSerializable(typeof(ThreadStep))]
[JsonSerializable(typeof(ThreadDone))]
[JsonSerializable(typeof(ThreadFailed))]
internal sealed partial class ThreadJson : JsonSerializerContext;

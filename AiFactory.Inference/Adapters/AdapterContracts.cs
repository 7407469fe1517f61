using System.Text.Json.Serialization;

namespace AiFactory.Inference.Adapters;

/// <summary>As vLLM has it.</summary>
/// <param name="LoraPath"><c>s3://bucket/key</c> (with <c>?digest=sha256:...</c> where it must be that very file), or a file in <see cref="AdapterOptions.Folder"/>.</param>
/// <param name="BaseModelName">The model that it is for; not needed where the caller sees one only.</param>
internal sealed record LoadAdapterRequest(string? LoraName, string? LoraPath, bool? LoadInplace, string? BaseModelName);

/// <param name="BaseModelName">Needed where several models have an adapter of that name.</param>
internal sealed record UnloadAdapterRequest(string? LoraName, string? BaseModelName);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LoadAdapterRequest))]
[JsonSerializable(typeof(UnloadAdapterRequest))]
internal sealed partial class AdapterJson : JsonSerializerContext;

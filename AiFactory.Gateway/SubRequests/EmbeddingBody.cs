using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Gateway.SubRequests;

/// <summary>The request by which texts are embedded.</summary>
internal sealed record EmbeddingBody(string Model, string[] Input, string EncodingFormat);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EmbeddingBody))]
[JsonSerializable(typeof(float[]))]
internal sealed partial class EmbeddingJson : JsonSerializerContext;

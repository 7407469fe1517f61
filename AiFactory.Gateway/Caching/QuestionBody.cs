using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Gateway.Caching;

/// <summary>The request by which a question is embedded.</summary>
internal sealed record QuestionBody(string Model, string Input, string EncodingFormat);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(QuestionBody))]
[JsonSerializable(typeof(float[]))]
internal sealed partial class QuestionJson : JsonSerializerContext;

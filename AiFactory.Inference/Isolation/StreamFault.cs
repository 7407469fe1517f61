using System.Text.Json.Serialization;

namespace AiFactory.Inference.Isolation;

/// <summary>How a stream of <c>/v1/responses</c> says that it ends here: https://platform.openai.com/docs/api-reference/responses-streaming/error</summary>
internal sealed record StreamFault(string Type, string? Code, string Message, string? Param, int SequenceNumber);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StreamFault))]
internal sealed partial class StreamFaultJson : JsonSerializerContext;

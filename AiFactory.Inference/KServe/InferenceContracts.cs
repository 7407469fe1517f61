using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Inference.KServe;

/// <summary><c>POST /v2/models/{name}/infer</c>: <c>{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["Hello"]}]}</c>.</summary>
/// <param name="Parameters">Beside tensors of the same names, what OpenAI's route of the model takes: <c>{"max_tokens":16,"temperature":0}</c>.</param>
/// <param name="Outputs">The tensors that are wanted; all when absent.</param>
internal sealed record InferenceRequest(string? Id, JsonElement? Parameters, IReadOnlyList<RequestTensor>? Inputs, IReadOnlyList<RequestedOutput>? Outputs);

/// <param name="Data">Flat or nested, row by row.</param>
internal sealed record RequestTensor(string? Name, string? Datatype, IReadOnlyList<long>? Shape, JsonElement? Data, JsonElement? Parameters = null);

internal sealed record RequestedOutput(string? Name, JsonElement? Parameters = null);

internal sealed record InferenceResponse(string ModelName, string ModelVersion, string? Id, IReadOnlyDictionary<string, int> Parameters, IReadOnlyList<ResponseTensor> Outputs);

/// <param name="Data">A <c>string[]</c> for BYTES, a <c>float[]</c> for FP32.</param>
internal sealed record ResponseTensor(string Name, string Datatype, IReadOnlyList<long> Shape, object Data);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InferenceRequest))]
[JsonSerializable(typeof(InferenceResponse))]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ServerLive))]
[JsonSerializable(typeof(ServerReady))]
[JsonSerializable(typeof(ModelReady))]
[JsonSerializable(typeof(ModelMetadata))]
[JsonSerializable(typeof(KServeError))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(List<JsonElement>))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(float[]))]
internal sealed partial class KServeJson : JsonSerializerContext;

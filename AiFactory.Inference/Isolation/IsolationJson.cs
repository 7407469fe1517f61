using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Inference.Isolation;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(EngineOrder))]
[JsonSerializable(typeof(EngineCommand))]
[JsonSerializable(typeof(EngineReport))]
internal sealed partial class IsolationJson : JsonSerializerContext;

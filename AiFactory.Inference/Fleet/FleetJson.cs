using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Contracts.Workers;

namespace AiFactory.Inference.Fleet;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(WorkerHeartbeat))]
[JsonSerializable(typeof(WorkerOrders))]
internal sealed partial class FleetJson : JsonSerializerContext;

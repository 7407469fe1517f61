using System.Text.Json;
using System.Text.Json.Serialization;
using AiFactory.Contracts.Routing;

namespace AiFactory.Gateway.Snapshots;

/// <summary>The control plane's JSON: camelCase, members that are not known ignored, members that are missing refused.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RoutingSnapshot))]
internal sealed partial class SnapshotJson : JsonSerializerContext;

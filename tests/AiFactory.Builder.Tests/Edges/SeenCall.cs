using System.Text.Json.Nodes;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>A call that reached <see cref="FakeGateway"/>.</summary>
internal sealed record SeenCall(string Path, string Authorization, string TraceParent, JsonNode Body);

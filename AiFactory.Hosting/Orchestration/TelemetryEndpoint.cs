namespace AiFactory.Hosting.Orchestration;

/// <summary>An OTLP endpoint over HTTP with protobuf, and the key for its header <c>x-otlp-api-key</c>.</summary>
internal sealed record TelemetryEndpoint(Uri Endpoint, string? ApiKey);

namespace AiFactory.Gateway.Caching;

/// <param name="Removed">Answers and vectors; what lies in the memory of other gateways goes within seconds and is not counted.</param>
internal sealed record CachePurgeResponse(int Removed);

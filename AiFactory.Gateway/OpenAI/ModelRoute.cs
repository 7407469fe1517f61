namespace AiFactory.Gateway.OpenAI;

/// <summary>Marks the routes whose handlers ask <see cref="ModelCallers"/> for the caller; the endpoint-table test looks for it on every route that skips the middleware.</summary>
internal sealed class ModelRoute;

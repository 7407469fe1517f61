using System.Text;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.OpenAI;
using AiFactory.ServiceDefaults.Secrets;
using AiFactory.ServiceDefaults.Upstreams;

namespace AiFactory.Gateway.Upstreams;

/// <summary>
/// The service behind a deployment that is none of the factory's, as requests meet it: where each operation lies, what goes with it, and the credential, opened once for the table.
/// What is the same for all kinds is no part of it: it has a replica, a breaker, limits, prices and records as any deployment has.
/// </summary>
internal sealed class Upstream
{
    private static readonly Operation[] OfOpenAI = [Operation.ChatCompletion, Operation.Completion, Operation.Embedding, Operation.Rerank, Operation.Response, Operation.Score, Operation.Moderation, Operation.Image];
    private static readonly Operation[] OfAzure = [Operation.ChatCompletion, Operation.Completion, Operation.Embedding, Operation.Image];
    private static readonly Operation[] OfAnthropic = [Operation.ChatCompletion, Operation.Tokenize];
    private static readonly Operation[] OfAzureWithoutVersion = [.. OfAzure, Operation.Response];

    private readonly UpstreamRoute _route;
    private readonly Uri?[] _targets;

    private Upstream(UpstreamRoute route, string place, Operation[] operations, string? credential)
    {
        _route = route;
        ModelAsJson = JsonSerializer.SerializeToUtf8Bytes(route.Model);
        _targets = new Uri?[Operation.All.Length];
        foreach (var operation in operations)
        {
            _targets[operation.Index] = new Uri(place + Path(route, operation));
        }

        Credential = credential is null ? null : Encoding.UTF8.GetBytes(credential);
        Headers = [.. UpstreamHeaders.Of(route.Kind, route.Headers, credential)];
    }

    public Guid Id => _route.Id;

    public string Name => _route.Name;

    public string Model => _route.Model;

    /// <summary>Whether chat completions are translated on their way there, and the answers on theirs back.</summary>
    public bool SpeaksAnthropic => _route.Kind == UpstreamKinds.Anthropic;

    /// <summary>The service's own id of the model, quotes included.</summary>
    public byte[] ModelAsJson { get; }

    /// <summary>Sent with each request, the credential among them: they are never logged or shown.</summary>
    public (string Name, string Value)[] Headers { get; }

    /// <summary>What no answer may show; null where there is none.</summary>
    public byte[]? Credential { get; }

    /// <summary>Whether the library's settings allow that its address is this machine or its link.</summary>
    public bool IsLocal => _route.Local;

    /// <summary>Why it cannot be asked, in words for who set it up; null when it can.</summary>
    public string? Problem { get; private init; }

    /// <summary>Null where the deployment is the library's, or of <c>models.yaml</c>.</summary>
    /// <param name="refuse">Is told of what cannot be used.</param>
    public static Upstream? Of(DeploymentRoute route, CredentialSeal seal, Action<string> refuse)
    {
        if (route.Upstream is not { } upstream || route.Replicas is not [{ BaseUrl: var baseUrl }, ..] || !Uri.TryCreate(baseUrl, UriKind.Absolute, out var address))
        {
            return null;
        }

        // Anthropic's own clients take the address without the version.
        var place = baseUrl.TrimEnd('/');
        place = upstream.Kind == UpstreamKinds.Anthropic && place.EndsWith("/v1", StringComparison.Ordinal) ? place[..^"/v1".Length] : place;
        var operations = upstream.Kind switch
        {
            UpstreamKinds.OpenAI => OfOpenAI,
            UpstreamKinds.Anthropic => OfAnthropic,
            UpstreamKinds.AzureOpenAI => upstream.ApiVersion is null ? OfAzureWithoutVersion : OfAzure,
            _ => [],
        };
        if (operations.Length == 0)
        {
            // A library of a newer version: this gateway serves what it knows.
            return Unusable($"its kind '{upstream.Kind}' is not known to this version of the gateway");
        }

        string? credential = null;
        return upstream.Credential is { } kept && !seal.TryOpen(kept, UpstreamPurpose.Of(upstream.Id, address), out credential, out var complaint)
            ? Unusable($"the credential that is kept for it cannot be opened: {complaint}")
            : new Upstream(upstream, place, operations, credential);

        Upstream Unusable(string problem)
        {
            refuse($"deployment {route.Id}: the upstream {upstream.Name} cannot be asked: {problem}");
            return new Upstream(upstream, place, operations, credential: null) { Problem = problem };
        }
    }

    /// <summary>Whether the service has such a route. Of one that cannot be asked at all, that is what its callers are to learn.</summary>
    public bool Answers(Operation operation) => Problem is not null || (operation.Index >= 0 && _targets[operation.Index] is not null);

    public Uri? Target(Operation operation) => operation.Index < 0 ? null : _targets[operation.Index];

    /// <summary>Azure's API: https://learn.microsoft.com/azure/ai-foundry/openai/reference.</summary>
    private static string Path(UpstreamRoute route, Operation operation) => route switch
    {
        { Kind: UpstreamKinds.AzureOpenAI, ApiVersion: { } version } => $"/openai/deployments/{Uri.EscapeDataString(route.Model)}/{operation.Route}?api-version={Uri.EscapeDataString(version)}",
        { Kind: UpstreamKinds.AzureOpenAI } => $"/openai/v1/{operation.Route}",
        { Kind: UpstreamKinds.Anthropic } => operation == Operation.Tokenize ? "/v1/messages/count_tokens" : "/v1/messages",
        _ => $"/{operation.Route}",
    };
}

namespace AiFactory.Builder.Tools.Http;

/// <param name="Timeout">For the whole call: connecting, redirects and the answer's last byte.</param>
internal sealed record OutboundRequest(HttpMethod Method, Uri Url, TimeSpan Timeout)
{
    internal IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    internal string? Body { get; init; }

    internal string ContentType { get; init; } = "application/json";

    /// <summary>Whether the address or the body holds a secret, so that neither follows a redirect to another host; headers never do.</summary>
    internal bool StaysAtOrigin { get; init; }

    /// <summary>When not empty, the only hosts that this call may go to, redirects included. It narrows what the factory allows and never widens it.</summary>
    internal IReadOnlyList<string> OnlyHosts { get; init; } = [];

    /// <summary>An address may hold a secret, which is not printed, whoever logs this.</summary>
    public override string ToString() => $"{Method} {Url.Host}";
}

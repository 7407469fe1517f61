using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Storage;
using AiFactory.ServiceDefaults.Outbound;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Secrets;
using AiFactory.ServiceDefaults.Upstreams;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Upstreams;

/// <summary>
/// Asks an upstream for its models, once, and says in words what is wrong. Nothing that the service writes is shown: some repeat the credential in their refusal.
/// It is the library that asks: where the gateways have other ways out, theirs is not shown.
/// </summary>
internal sealed class UpstreamTester(UpstreamStore upstreams, UpstreamHosts hosts, CredentialSeal seal, IOptions<UpstreamsOptions> options, TimeProvider time) : IDisposable
{
    private const int LargestAnswer = 4 * 1024 * 1024;
    private const int MostShown = 10;

    private readonly HttpMessageInvoker _guarded = Client(guarded: true);
    private readonly HttpMessageInvoker _local = Client(guarded: false);

    internal async Task<Outcome<UpstreamTest>> TestAsync(string project, string name, CancellationToken cancellationToken)
    {
        if (await upstreams.FindAsync(project, name, cancellationToken) is not { } upstream)
        {
            return Outcome<UpstreamTest>.Missed("upstream", name);
        }

        var address = new Uri(upstream.BaseUrl);
        if (hosts.Refuse(address) is { } refusal)
        {
            return new UpstreamTest(UpstreamTestCodes.HostNotAllowed, refusal, null);
        }

        string? credential = null;
        if (upstream.Credential is { } kept && !seal.TryOpen(kept, UpstreamPurpose.Of(upstream.Id, address), out credential, out var complaint))
        {
            return new UpstreamTest(UpstreamTestCodes.CredentialUnreadable, $"The credential that is kept for it cannot be opened: {complaint}.", null);
        }

        using var limit = new CancellationTokenSource(options.Value.TestTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = Ask(upstream, address, credential);
            using var response = await (UpstreamConnector.IsLocal(address) ? _local : _guarded).SendAsync(request, both.Token);
            return response.StatusCode == HttpStatusCode.OK
                ? Compare(upstream, await upstreams.ListModelsAsync([upstream.Id], cancellationToken), await ReadAsync(response, both.Token))
                : Judge(upstream, response.StatusCode);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new UpstreamTest(UpstreamTestCodes.Timeout, $"It did not answer within {options.Value.TestTimeout.TotalSeconds:0.#} s (setting Upstreams:TestTimeout).", null);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return Explain(error, address);
        }
    }

    public void Dispose()
    {
        _guarded.Dispose();
        _local.Dispose();
    }

    private static HttpMessageInvoker Client(bool guarded) => new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        ConnectCallback = guarded ? UpstreamConnector.Guard.ConnectAsync : null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        UseCookies = false,
        UseProxy = false,
    });

    private static HttpRequestMessage Ask(UpstreamRow upstream, Uri address, string? credential)
    {
        var place = upstream.BaseUrl.TrimEnd('/');
        var withVersion = place.EndsWith("/v1", StringComparison.Ordinal);
        var request = new HttpRequestMessage(HttpMethod.Get, upstream switch
        {
            { Kind: UpstreamKinds.AzureOpenAI, ApiVersion: { } version } => new Uri($"{place}/openai/models?api-version={version}"),
            { Kind: UpstreamKinds.AzureOpenAI } => new Uri($"{place}/openai/v1/models"),
            { Kind: UpstreamKinds.Anthropic } => new Uri($"{place}{(withVersion ? "" : "/v1")}/models?limit=1000"),
            _ => new Uri($"{place}/models"),
        });
        foreach (var (name, value) in UpstreamHeaders.Of(upstream.Kind, UpstreamMapping.Headers(upstream), credential))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        return request;
    }

    /// <summary>The ids that it lists; null when that is not what it answered.</summary>
    private static async Task<IReadOnlyList<string>?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(LargestAnswer, cancellationToken);
        try
        {
            using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("data"u8, out var data) && data.ValueKind == JsonValueKind.Array
                ? [.. data.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.Object && one.TryGetProperty("id"u8, out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null).OfType<string>()]
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON, or a text in it that is no Unicode.
            return null;
        }
    }

    private static UpstreamTest Compare(UpstreamRow upstream, IReadOnlyList<UpstreamModelRow> models, IReadOnlyList<string>? listed)
    {
        if (listed is null)
        {
            return new UpstreamTest(UpstreamTestCodes.NotUnderstood, $"It answers, but not with a list of models as the kind '{upstream.Kind}' does: is the base URL, '{upstream.BaseUrl}', what that service's own clients take?", 200);
        }

        // Azure lists the models of the region, and not the deployments of them that are asked. A name without its date stands for the newest.
        var missing = upstream.Kind == UpstreamKinds.AzureOpenAI ? [] : models.Where(model => !listed.Any(id => id == model.Model || id.StartsWith($"{model.Model}-", StringComparison.Ordinal))).Select(model => $"'{model.Model}'").ToList();
        return missing.Count == 0
            ? new UpstreamTest(UpstreamTestCodes.Ok, $"It answers, and lists {listed.Count} models.", 200)
            : new UpstreamTest(UpstreamTestCodes.ModelMissing, $"It answers, but does not list {string.Join(", ", missing.Take(MostShown))}. It lists {string.Join(", ", listed.Take(MostShown))}{(listed.Count > MostShown ? ", ..." : "")}.", 200);
    }

    private static UpstreamTest Judge(UpstreamRow upstream, HttpStatusCode answer)
    {
        var status = (int)answer;
        return answer switch
        {
            HttpStatusCode.Unauthorized when upstream.Credential is null => new(UpstreamTestCodes.CredentialMissing, "It asks for a credential, and none is kept for it: set one.", status),
            HttpStatusCode.Unauthorized => new(UpstreamTestCodes.CredentialRefused, "It does not accept the credential that is kept for it: set it anew.", status),
            HttpStatusCode.Forbidden => new(UpstreamTestCodes.CredentialRefused, "It knows the credential and does not let it list models, or does not serve this site's address.", status),
            HttpStatusCode.NotFound => new(UpstreamTestCodes.PathNotFound, $"It has no list of models there: is the base URL, '{upstream.BaseUrl}', what that service's own clients take{(upstream.Kind == UpstreamKinds.OpenAI ? " (often with '/v1' at its end)" : "")}?", status),
            HttpStatusCode.TooManyRequests => new(UpstreamTestCodes.Overloaded, "It is reached, and has no more requests left for this credential now.", status),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new(UpstreamTestCodes.Redirected, "It sends the caller elsewhere, which is not followed: give the address that it sends to.", status),
            _ => new(UpstreamTestCodes.Failed, $"It is reached, and answers with status {status}.", status),
        };
    }

    private static UpstreamTest Explain(Exception error, Uri address)
    {
        var host = address.IdnHost;
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case OutboundException { InnerException: null } closed:
                    return new UpstreamTest(UpstreamTestCodes.AddressNotAllowed, closed.Message, null);
                case AuthenticationException tls:
                    return new UpstreamTest(UpstreamTestCodes.TlsFailed, $"The connection to '{host}' could not be secured: {tls.Message}", null);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return new UpstreamTest(UpstreamTestCodes.NameNotFound, $"No address is known for the name '{host}'.", null);
                case SocketException socket:
                    return new UpstreamTest(UpstreamTestCodes.NotReached, $"'{host}' (port {address.Port}) is not reached: {socket.Message}", null);
            }
        }

        return error is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }
            ? new UpstreamTest(UpstreamTestCodes.NotUnderstood, $"Its list of models has over {LargestAnswer} bytes.", null)
            : new UpstreamTest(UpstreamTestCodes.NotReached, $"'{host}' (port {address.Port}) does not answer in HTTP, or broke off.", null);
    }
}

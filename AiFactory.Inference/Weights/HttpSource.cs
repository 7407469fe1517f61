using System.Net;
using System.Net.Http.Headers;
using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.Inference.Weights;

/// <summary>Weights on a web server that answers ranges (RFC 9110, section 14). Only where a setting allows it.</summary>
internal sealed class HttpSource : IWeightsSource, IDisposable
{
    // Its own: large answers, no time limit but that of a silent connection, which the download keeps.
    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15), AllowAutoRedirect = true, MaxAutomaticRedirections = 5 }) { Timeout = Timeout.InfiniteTimeSpan };

    public async Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, key);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound ? null : Info(key, response.EnsureSuccessStatusCode(), response.Content.Headers.ContentLength);
    }

    public async Task<ObjectContent?> OpenReadAsync(string key, ByteRange range, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, key);
        request.Headers.Range = new RangeHeaderValue(range.Offset, range.Length is { } length ? range.Offset + length - 1 : null);
        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        try
        {
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                response.Dispose();
                return null;
            }

            var size = response.EnsureSuccessStatusCode().Content.Headers.ContentRange?.Length;
            return response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == range.Offset
                // The stream ends the connection when it is disposed; the response has nothing else to let go.
                ? new ObjectContent(Info(key, response, size), await response.Content.ReadAsStreamAsync(cancellationToken))
                : throw new WeightsException($"The web server does not answer ranges of '{ModelUri.WithoutSecrets(key)}': put the file into object storage, or on a server that does.");
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public void Dispose() => _client.Dispose();

    private static ObjectInfo Info(string key, HttpResponseMessage response, long? size) => new(
        key,
        size ?? throw new WeightsException($"The web server does not say how large '{ModelUri.WithoutSecrets(key)}' is."),
        response.Headers.ETag?.ToString() ?? response.Content.Headers.LastModified?.ToString("O") ?? "",
        response.Content.Headers.LastModified ?? DateTimeOffset.UnixEpoch);
}

using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiFactory.Inference.Benchmarking;

/// <summary>Sends one streamed request at a time of many, and takes its times.</summary>
internal sealed class BenchmarkClient : IDisposable
{
    private readonly BenchmarkSettings _settings;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly Uri _route;

    public BenchmarkClient(BenchmarkSettings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _route = Route(settings);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, MaxConnectionsPerServer = int.MaxValue }) { Timeout = Timeout.InfiniteTimeSpan };

        // Each request is a client of its own. Some servers end a kept connection behind a stream without a word, just when the next request is on its way.
        _http.DefaultRequestHeaders.ConnectionClose = true;
        if (settings.Key is { } key)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        foreach (var (name, value) in settings.Headers)
        {
            _http.DefaultRequestHeaders.Add(name, value);
        }
    }

    /// <param name="keepText">Whether the sample holds the answer.</param>
    /// <exception cref="BenchmarkException">The server refuses, breaks off or is not there.</exception>
    public async Task<BenchmarkSample> SendAsync(string prompt, int outputTokens, bool keepText, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_settings.Timeout);
        try
        {
            return await StreamAsync(prompt, outputTokens, keepText, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchmarkException($"no end within {_settings.Timeout.TotalSeconds:F0} s");
        }
        catch (HttpRequestException error)
        {
            throw new BenchmarkException(error.HttpRequestError == HttpRequestError.ConnectionError ? $"nothing answers at {_route}: {error.Message}" : error.Message, error);
        }
        catch (IOException error)
        {
            throw new BenchmarkException($"the connection broke: {error.Message}", error);
        }
        catch (JsonException error)
        {
            throw new BenchmarkException($"the stream holds what is no JSON: {error.Message}", error);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<BenchmarkSample> StreamAsync(string prompt, int outputTokens, bool keepText, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _route) { Content = Body(prompt, outputTokens) };
        var began = _time.GetTimestamp();
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new BenchmarkException(await RefusalAsync(response, cancellationToken));
        }

        double? first = null;
        var last = 0.0;
        var gaps = new List<double>(outputTokens);
        var text = keepText ? new StringBuilder() : null;
        (int Prompt, int Cached, int Completion)? usage = null;
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(body, (_, data) => data.IsEmpty ? default : BenchmarkChunk.Read(data)).EnumerateAsync(cancellationToken))
        {
            var chunk = item.Data;
            if (chunk.IsDone)
            {
                break;
            }

            if (chunk.Error is { } error)
            {
                throw new BenchmarkException(error);
            }

            usage = chunk.Usage ?? usage;
            if (chunk.Text is not { Length: > 0 })
            {
                continue;
            }

            text?.Append(chunk.Text);
            var now = _time.GetElapsedTime(began).TotalMilliseconds;
            if (first is null)
            {
                first = now;
            }
            else
            {
                gaps.Add(now - last);
            }

            last = now;
        }

        var total = _time.GetElapsedTime(began).TotalMilliseconds;
        return usage is { } told
            ? new BenchmarkSample(first ?? total, gaps, total, told.Prompt, told.Cached, told.Completion, text?.ToString())
            : throw new BenchmarkException("the stream ended without a usage: the server does not know stream_options.include_usage, or broke off");
    }

    private StringContent Body(string prompt, int outputTokens)
    {
        var body = new JsonObject
        {
            ["model"] = _settings.Model,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
            ["temperature"] = _settings.Temperature,
            ["max_tokens"] = outputTokens,
        };
        if (_settings.Chat)
        {
            body["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt });
        }
        else
        {
            body["prompt"] = prompt;
        }

        if (_settings.IgnoreEnd)
        {
            body["ignore_eos"] = true;
        }

        if (!_settings.ReadsCache)
        {
            body["cache_prompt"] = false;
        }

        return new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
    }

    private static Uri Route(BenchmarkSettings settings)
    {
        var root = settings.Server.AbsoluteUri.TrimEnd('/');
        return new Uri($"{(root.EndsWith("/v1", StringComparison.Ordinal) ? root : root + "/v1")}/{(settings.Chat ? "chat/completions" : "completions")}");
    }

    private static async Task<string> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(text);
            text = BenchmarkChunk.ErrorOf(document.RootElement) ?? text;
        }
        catch (JsonException)
        {
            // Then it is said as it came.
        }

        return $"{(int)response.StatusCode} {response.ReasonPhrase}: {(text.Length > 300 ? text[..300] + "..." : text).ReplaceLineEndings(" ")}".TrimEnd(' ', ':');
    }
}

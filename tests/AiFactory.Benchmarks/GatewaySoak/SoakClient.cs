using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>Clients of the gateway. How a request ended is a word or two: that it was answered, or the status and code of the refusal.</summary>
internal sealed class SoakClient(Uri address, SoakTally tally) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20) }) { BaseAddress = address, Timeout = Longest };

    public Uri Address => address;

    public SoakTally Tally => tally;

    public void Dispose() => _http.Dispose();

    /// <param name="isExact">Whether the answer has the tokens of this request.</param>
    public async Task<string> AskAsync(long number, string path, string key, string json, CancellationToken stop, bool isExact = true)
    {
        using var request = Request(HttpMethod.Post, path, key, number, json);
        var (status, text) = await SendAsync(request, stop);
        if (status != 200)
        {
            return Refusal(status, text);
        }

        if (!text.StartsWith('{'))
        {
            return $"200, and no JSON: '{text[..Math.Min(text.Length, 100)]}'";
        }

        var id = SoakTokens.KeyOf(number);
        tally.WasAnswered(id, isExact ? SoakTokens.Answer(id) : SoakTally.UnknownTokens);
        return key == SoakPlan.Guarded && text.Contains(SoakUpstream.Mail, StringComparison.Ordinal) ? "what was to be masked" : SoakTally.Answered;
    }

    public async Task<string> GetAsync(long number, string path, string key, CancellationToken stop)
    {
        using var request = Request(HttpMethod.Get, path, key, number);
        var (status, text) = await SendAsync(request, stop);
        return status == 200 ? SoakTally.Answered : Refusal(status, text);
    }

    /// <summary>OpenAI's events, or Anthropic's.</summary>
    public async Task<string> StreamAsync(long number, string path, string key, string json, CancellationToken stop)
    {
        using var request = Request(HttpMethod.Post, path, key, number, json);
        var (status, text) = await SendAsync(request, stop);
        if (status != 200)
        {
            return Refusal(status, text);
        }

        if (key == SoakPlan.Guarded && text.Contains(SoakUpstream.Mail, StringComparison.Ordinal))
        {
            return "what was to be masked";
        }

        if (text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal) || text.TrimEnd().EndsWith("""data: {"type":"message_stop"}""", StringComparison.Ordinal))
        {
            var id = SoakTokens.KeyOf(number);
            tally.WasAnswered(id, SoakTokens.Chunks(id));
            return SoakTally.Answered;
        }

        return text.Contains("upstream_failed", StringComparison.Ordinal) ? SoakTally.Broken : $"a stream cut off: {text[^Math.Min(text.Length, 200)..]}";
    }

    /// <param name="afterFirst">Whether something of the answer is awaited before.</param>
    public async Task<string> LeaveAsync(long number, string key, string json, bool afterFirst, CancellationToken stop)
    {
        using var request = Request(HttpMethod.Post, "/v1/chat/completions", key, number, json);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (!afterFirst)
        {
            leave.CancelAfter(Random.Shared.Next(1, 150));
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token);
            if (!response.IsSuccessStatusCode)
            {
                return Refusal((int)response.StatusCode, await response.Content.ReadAsStringAsync(leave.Token));
            }

            await using var stream = await response.Content.ReadAsStreamAsync(leave.Token);
            await stream.ReadExactlyAsync(new byte[afterFirst ? Random.Shared.Next(1, 2000) : 1], leave.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // As was meant.
        }

        return SoakTally.Left;
    }

    public static string Refusal(int status, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out var code) ? $"{status} {code.GetString()}" : $"{status} {text}";
        }
        catch (JsonException)
        {
            return $"{status} {text}";
        }
    }

    public async Task<(int Status, string Text)> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        using var response = await _http.SendAsync(request, stop);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(stop));
    }

    public static HttpRequestMessage Request(HttpMethod method, string path, string key, long number, string? json = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add(WireHeaders.RequestId, SoakTokens.IdOf(number));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return request;
    }
}

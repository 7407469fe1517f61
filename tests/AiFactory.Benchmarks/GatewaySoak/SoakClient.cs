using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>Clients of the gateway. How a request ended is a word or two: that it was answered, or the status and code of the refusal.</summary>
internal sealed class SoakClient(Uri address, SoakTally tally) : IDisposable
{
    /// <summary>Of one request. What takes longer is no planned end, also of those who mean to leave.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private const string Unmasked = "what was to be masked";

    /// <summary>In chunks: four seconds; and bytes of the first of them.</summary>
    private const int LongStream = 75;
    private const int SomeBytes = 1500;

    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20) }) { BaseAddress = address, Timeout = Longest };

    public Uri Address => address;

    public SoakTally Tally => tally;

    public void Dispose() => _http.Dispose();

    public async Task<string> AskAsync(long number, string path, string key, string json, CancellationToken stop, SoakProof proof = SoakProof.Tokens)
    {
        using var request = Request(HttpMethod.Post, path, key, number, json);
        var (status, text) = await SendAsync(request, stop);
        if (status != 200)
        {
            return Refusal(status, text);
        }

        try
        {
            var answer = SoakAnswer.Read(text);
            var id = SoakTokens.KeyOf(number);
            tally.WasAnswered(id, proof == SoakProof.Tokens ? answer.Completion ?? SoakTally.UnknownTokens : SoakTally.UnknownTokens);
            return answer.Wrong(proof, SoakTexts.QuestionOf(json), id) ?? (IsUnmasked(key, text) ? Unmasked : SoakTally.Answered);
        }
        catch (JsonException)
        {
            return $"200, and no JSON: '{text[..Math.Min(text.Length, 100)]}'";
        }
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

        if (IsUnmasked(key, text))
        {
            return Unmasked;
        }

        try
        {
            if (SoakAnswer.ReadStream(text) is { IsWhole: true } stream)
            {
                var id = SoakTokens.KeyOf(number);
                tally.WasAnswered(id, stream.Answer.Chunks);
                return stream.Answer.WrongStream(SoakTexts.QuestionOf(json), id) ?? SoakTally.Answered;
            }

            return text.Contains("upstream_failed", StringComparison.Ordinal) ? SoakTally.Broken : $"a stream cut off: {End(text)}";
        }
        catch (JsonException)
        {
            return $"a stream with an event that is no JSON: {End(text)}";
        }
    }

    /// <param name="afterFirst">Whether something of the answer is awaited before.</param>
    public async Task<string> LeaveAsync(long number, string key, string json, bool afterFirst, CancellationToken stop)
    {
        using var request = Request(HttpMethod.Post, "/v1/chat/completions", key, number, json);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Longest); // the client's own ends with the head
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
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
        catch (OperationCanceledException) when (leave.IsCancellationRequested && !limit.IsCancellationRequested)
        {
            // As was meant.
        }

        return SoakTally.Left;
    }

    /// <summary>A long stream of which some has come and most has not, as it stands.</summary>
    public async Task<(HttpResponseMessage Open, long Key)> OpenAsync(CancellationToken stop)
    {
        var number = tally.Next();
        while (SoakTokens.Chunks(SoakTokens.KeyOf(number)) < LongStream)
        {
            number = tally.Next();
        }

        using var request = Request(HttpMethod.Post, "/v1/chat/completions", SoakPlan.Alpha, number, SoakKinds.Say("chat", number, ",\"stream\":true"));
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        response.EnsureSuccessStatusCode();
        var stream = await response.Content.ReadAsStreamAsync(stop);
        await stream.ReadExactlyAsync(new byte[SomeBytes], stop);
        return (response, SoakTokens.KeyOf(number));
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

    private static bool IsUnmasked(string key, string text) => key == SoakPlan.Guarded && text.Contains(SoakTexts.Mail, StringComparison.Ordinal);

    private static string End(string text) => text[^Math.Min(text.Length, 200)..];

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

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AiFactory.Inference.Tests.Fuzz;

/// <summary>Bodies of every route that were mangled, with those of <see cref="Schemas.FormatFuzzTests"/> more than ten thousand: each is answered, or refused with a word of why, and the worker serves afterwards.</summary>
public sealed partial class BodyFuzzTests(FuzzedWorker fixture) : IClassFixture<FuzzedWorker>
{
    private const int Bodies = 9_000;

    /// <summary>For all of them, on a machine that does other things: what goes on without bound takes longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_body_does_harm()
    {
        var (seen, bodies) = (new HashSet<string>(), new List<FuzzedBody>());
        for (var seed = 0; bodies.Count < Bodies; seed++)
        {
            var body = BodyMutations.Make(seed);
            if (seen.Add($"{body.Route}\n{body.ContentType}\n{Convert.ToHexString(SHA256.HashData(body.Bytes))}"))
            {
                bodies.Add(body);
            }
        }

        var (answered, refused, faults) = (new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<string, int>(), new ConcurrentQueue<string>());
        await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (body, cancellationToken) =>
        {
            var (status, answer) = await SendAsync(body, cancellationToken);
            (status == HttpStatusCode.OK ? answered : refused).AddOrUpdate(body.Route, 1, (_, count) => count + 1);
            if (FaultOf(body, status, answer) is { } fault)
            {
                faults.Enqueue($"{fault}: seed {body.Seed} ({body.Kind}), {body.Route}, {(int)status} {Cut(answer)} to {Cut(Encoding.UTF8.GetString(body.Bytes))}");
            }
        }).WaitAsync(Patience, Token);

        faults.ShouldBeEmpty();
        foreach (var route in ValidBodies.All.Select(valid => valid.Route).Distinct())
        {
            answered.GetValueOrDefault(route).ShouldBeGreaterThan(10, route);
            refused.GetValueOrDefault(route).ShouldBeGreaterThan(100, route);
        }

        await ServesAsync();
    }

    [Fact]
    public async Task No_body_that_is_cut_or_chunked_wrongly_does_harm()
    {
        var answers = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 600), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (seed, cancellationToken) =>
        {
            var (random, body) = (new Random(seed), BodyMutations.Make(seed));
            var (head, isOver) = (seed % 3) switch
            {
                // Of these more would have to come: only the end of the connection tells that it does not.
                0 => ($"Content-Length: {body.Bytes.Length + random.Next(1, 5_000)}\r\n\r\n", false),
                1 => ($"Transfer-Encoding: chunked\r\n\r\n{random.Next(1, 40):x}\r\n", false),
                _ => ($"Transfer-Encoding: chunked\r\n\r\n{new[] { "zz", "-1", "fffffffffffffffff", "", " " }[random.Next(5)]}\r\n", true),
            };
            var answer = await SendRawAsync(body, head, closes: !isOver, cancellationToken);
            if (answer.Length > 0)
            {
                answer.ShouldStartWith("HTTP/1.1 ");
                answer.ShouldNotStartWith("HTTP/1.1 5", customMessage: $"seed {seed}");
                answers.Enqueue(answer);
            }

            if (isOver && answer.Length > 0)
            {
                answer.ShouldStartWith("HTTP/1.1 4", customMessage: $"seed {seed}");
            }
        }).WaitAsync(Patience, Token);

        // The test would see nothing if nobody were answered, or if all were strangers.
        answers.Count.ShouldBeGreaterThan(100);
        answers.ShouldAllBe(answer => !answer.StartsWith("HTTP/1.1 401", StringComparison.Ordinal));
        await ServesAsync();
    }

    private async Task<(HttpStatusCode Status, string Answer)> SendAsync(FuzzedBody body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, body.Route) { Content = new ByteArrayContent(body.Bytes) };
        if (body.ContentType is { } type)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type).ShouldBeTrue();
        }

        request.Headers.TransferEncodingChunked = body.IsChunked;
        using var response = await _client.SendAsync(request, cancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Sends what is no HTTP any more: the worker need not answer, but it must end.</summary>
    /// <param name="closes">Whether it closes its side; Kestrel mostly answers nothing then.</param>
    private async Task<string> SendRawAsync(FuzzedBody body, string head, bool closes, CancellationToken cancellationToken)
    {
        var address = _client.BaseAddress.ShouldNotBeNull();
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        var stream = client.GetStream();
        var token = _client.DefaultRequestHeaders.Authorization.ShouldNotBeNull();
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {body.Route} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n{head}"), cancellationToken);
            await stream.WriteAsync(body.Bytes, cancellationToken);
            if (closes)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }

            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (Exception closed) when (closed is IOException or SocketException)
        {
            return "";
        }
    }

    private static string? FaultOf(FuzzedBody body, HttpStatusCode status, string answer)
    {
        if (status == HttpStatusCode.OK)
        {
            return body.IsWrong ? "answered what nothing can answer" : answer.Contains("server_error", StringComparison.Ordinal) ? "an error in the stream" : null;
        }

        if ((int)status is < 400 or >= 500 || status == HttpStatusCode.TooManyRequests)
        {
            return "neither an answer nor a refusal";
        }

        try
        {
            using var document = JsonDocument.Parse(answer);
            var error = document.RootElement.GetProperty("error");
            var (message, parameter) = error.ValueKind == JsonValueKind.String
                ? (error.GetString() ?? "", null)
                : (error.GetProperty("message").GetString() ?? "", error.TryGetProperty("param", out var param) ? param.GetString() : null);
            return parameter is not null || Names().IsMatch(message) ? null : "a message that names nothing";
        }
        catch (Exception none) when (none is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "a refusal in another form";
        }
    }

    private static string Cut(string text) => text.Length > 300 ? $"{text[..300]}..." : text;

    private async Task ServesAsync()
    {
        foreach (var (route, body) in ValidBodies.All)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await _client.PostAsync(route, content, Token);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{route} {body}: {await response.Content.ReadAsStringAsync(Token)}");
        }

        using var ready = await _client.GetAsync("/readyz", Token);
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>A field, or a place in the body.</summary>
    [GeneratedRegex("'[^']+'|JSON (body|object)|line [0-9]+|An input [a-z_]+|A content ")]
    private static partial Regex Names();
}

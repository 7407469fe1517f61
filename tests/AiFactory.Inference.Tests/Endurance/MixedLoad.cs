using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiFactory.Inference.Tests.Endurance;

/// <summary>Clients that ask for everything at once, some of whom leave in the middle. Each finished answer's usage is held against what was sent.</summary>
internal sealed class MixedLoad(HttpClient client, int seed)
{
    private static readonly string[] Words = ["How", "many", "workers", "wait", "for", "the", "next", "token", "while", "others", "leave", "?"];

    private readonly Lock _gate = new();
    private readonly List<string> _faults = [];

    /// <summary>What was wrong with an answer; empty when nothing was.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public int Finished { get; private set; }

    public int Left { get; private set; }

    /// <summary>Requests that were not well formed, and were refused as such.</summary>
    public int Refused { get; private set; }

    /// <summary>Generated tokens that the usage of finished answers told.</summary>
    public long CompletionTokens { get; private set; }

    /// <summary>Of these, tokens that were counted as they came, each with its logarithm.</summary>
    public long TokensCounted { get; private set; }

    /// <param name="from">The number of the first request: what a request is follows from its number.</param>
    public async Task RunAsync(int from, int requests, int clients, CancellationToken cancellationToken)
    {
        var next = from - 1;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number < from + requests)
            {
                await AskAsync(number, cancellationToken);
            }
        }));
    }

    private async Task AskAsync(int number, CancellationToken cancellationToken)
    {
        var random = new Random(HashCode.Combine(seed, number));
        var leaves = random.Next(5) == 0;
        var tokens = random.Next(1, 24);
        var text = string.Join(' ', Enumerable.Range(0, random.Next(3, 40)).Select(_ => Words[random.Next(Words.Length)]));
        var (path, body, streams) = Request(random.Next(13), text, tokens);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (leaves)
        {
            // Somewhere between before the first token and behind the last one.
            patience.CancelAfter(TimeSpan.FromMilliseconds(random.Next(1, 60)));
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var answer = await response.Content.ReadAsStringAsync(patience.Token);
            Count(path, response.StatusCode, answer, streams, tokens, body);
        }
        catch (OperationCanceledException) when (leaves && !cancellationToken.IsCancellationRequested)
        {
            lock (_gate)
            {
                Left++;
            }
        }
    }

    private static (string Path, JsonObject Body, bool Streams) Request(int kind, string text, int tokens)
    {
        JsonObject Chat(bool stream, string model = "endless") => new()
        {
            ["model"] = model,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
            ["max_tokens"] = tokens,
            ["stream"] = stream,
            ["stream_options"] = stream ? new JsonObject { ["include_usage"] = true } : null,
        };
        JsonObject With(JsonObject body, string name, JsonNode value)
        {
            body[name] = value;
            return body;
        }

        return kind switch
        {
            0 or 1 => ("/v1/chat/completions", Chat(stream: true), true),
            2 => ("/v1/chat/completions", With(Chat(stream: true), "logprobs", true), true),
            3 => ("/v1/chat/completions", Chat(stream: false), false),
            4 => ("/v1/chat/completions", With(Chat(stream: false), "priority", tokens % 3 - 1), false),
            5 => ("/v1/completions", new JsonObject { ["model"] = "endless", ["prompt"] = text, ["max_tokens"] = tokens, ["temperature"] = 0, ["stop"] = "\n\n\n\n" }, false),
            6 => ("/v1/embeddings", new JsonObject { ["model"] = "embed", ["input"] = new JsonArray(text, text[..(text.Length / 2)]) }, false),
            7 => ("/v1/rerank", new JsonObject { ["model"] = "embed", ["query"] = text, ["documents"] = new JsonArray(text[..(text.Length / 2)], "another") }, false),
            8 => ("/infer", new JsonObject { ["model"] = "endless", ["payload"] = Chat(stream: false) }, false),
            9 => ("/v1/chat/completions", With(Chat(stream: false), "response_format", new JsonObject { ["type"] = "json_object" }), false),
            10 => ("/v1/chat/completions", With(Chat(stream: false), "n", 2), false),
            11 => ("/v1/chat/completions", With(With(Chat(stream: false), "logprobs", true), "top_logprobs", 3), false),
            _ => ("/v1/chat/completions", With(Chat(stream: false), "messages", "none"), false),
        };
    }

    private static bool Generates(string path) => path is not ("/v1/embeddings" or "/v1/rerank");

    /// <summary>The usage comes in the last event before <c>data: [DONE]</c>.</summary>
    private static string Last(string events) =>
        events.Split("\n\n", StringSplitOptions.RemoveEmptyEntries) is { Length: > 1 } all && all[^1] == "data: [DONE]" ? all[^2]["data: ".Length..] : $"{{\"cut\": {JsonSerializer.Serialize(events)}}}";

    private static IEnumerable<JsonNode?> Bodies(string answer, bool streams) => streams
        ? answer.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(part => part != "data: [DONE]").Select(part => JsonNode.Parse(part["data: ".Length..]))
        : [JsonNode.Parse(answer)];

    private void Count(string path, HttpStatusCode status, string answer, bool streams, int tokens, JsonObject body)
    {
        var wrong = body["messages"] is JsonValue;
        lock (_gate)
        {
            if (wrong && status == HttpStatusCode.BadRequest)
            {
                Refused++;
                return;
            }

            var usage = status == HttpStatusCode.OK ? JsonNode.Parse(streams ? Last(answer) : answer)?["usage"] : null;
            var told = (int?)usage?["completion_tokens"] ?? 0;

            // The model hardly ever ends its turn by itself; embeddings generate nothing.
            var most = tokens * ((int?)body["n"] ?? 1);
            var counted = Generates(path) ? (answer.Contains("\"finish_reason\":\"stop\"", StringComparison.Ordinal) ? told <= most : told == most) : told == 0;
            // Where each token comes with its logarithm, they are counted one by one. The token by which the model ends its turn is generated and paid for, and says nothing.
            if (body["logprobs"] is not null && status == HttpStatusCode.OK)
            {
                var sent = Bodies(answer, streams).SelectMany(part => part?["choices"]?.AsArray() ?? []).Sum(choice => choice?["logprobs"]?["content"]?.AsArray().Count ?? 0);
                counted &= sent == (answer.Contains("\"finish_reason\":\"stop\"", StringComparison.Ordinal) ? told - 1 : told);
                TokensCounted += sent;
            }

            if (wrong || usage is null || !counted || (int?)usage["prompt_tokens"] is not > 0 || (int?)usage["total_tokens"] != (int?)usage["prompt_tokens"] + told)
            {
                _faults.Add(new StringBuilder().Append(path).Append(' ').Append((int)status).Append(": ").Append(answer.AsSpan(Math.Max(0, answer.Length - 800))).ToString());
            }

            Finished++;
            CompletionTokens += told;
        }
    }
}

using static AiFactory.Benchmarks.GatewaySoak.SoakPlan;
using static AiFactory.Benchmarks.GatewaySoak.SoakTally;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>The mix: what is asked, how often, and how it may end.</summary>
internal static class SoakKinds
{
    /// <summary>So few questions that all of their answers have been kept long before the figures count.</summary>
    private const int Questions = 400;

    private const string Chat = "/v1/chat/completions";
    private const string Messages = "/v1/messages";
    private const string Unavailable = "503 upstream_unavailable";
    private const string TimedOut = "504 upstream_timeout";

    public const string MoreThanLimit = "more than the limit allows";
    public const string MoreThanBudget = "more than the budget allows";
    public const string OutOfBudget = "429 insufficient_quota";

    public static IReadOnlyList<SoakKind> All { get; } =
    [
        new("chat", 60, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("chat", n), stop), Answered),
        new("chat of another project", 20, (client, n, stop) => client.AskAsync(n, Chat, Beta, Say("chat", n), stop), Answered),
        new("chat, cached", 15, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("cached", n % Questions), stop, SoakProof.Question), Answered),
        new("chat, split and copied", 3, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("canary", n), stop), Answered),
        new("completion", 5, (client, n, stop) => client.AskAsync(n, "/v1/completions", Alpha, $$"""{"model":"chat","prompt":"Where is Bern? {{n}}"}""", stop), Answered),
        new("embedding", 12, (client, n, stop) => client.AskAsync(n, "/v1/embeddings", Alpha, $$"""{"model":"embed","input":"a sentence {{n}}"}""", stop, SoakProof.Question), Answered),
        new("embedding, cached", 10, (client, n, stop) => client.AskAsync(n, "/v1/embeddings", Beta, $$"""{"model":"embed-cached","input":"a sentence {{n % Questions}}"}""", stop, SoakProof.Question), Answered),
        new("rerank", 10, (client, n, stop) => client.AskAsync(n, "/v1/rerank", Alpha, $$"""{"model":"embed","query":"Bern {{n}}","documents":["one","two"]}""", stop, SoakProof.Text), Answered),
        new("stream", 8, (client, n, stop) => client.StreamAsync(n, Chat, Alpha, Say("chat", n, Streamed), stop), Answered),
        new("messages", 3, (client, n, stop) => client.AskAsync(n, Messages, Alpha, Say("chat", n, Bounded), stop), Answered),
        new("messages, streamed", 2, (client, n, stop) => client.StreamAsync(n, Messages, Alpha, Say("chat", n, Bounded + Streamed), stop), Answered),
        new("envelope", 3, (client, n, stop) => client.AskAsync(n, "/api/infer", Alpha, $$"""{"model":"chat","payload":{{Say(null, n)}}}""", stop), Answered),
        new("KServe", 4, (client, n, stop) => client.AskAsync(n, "/v2/models/chat/infer", Alpha, """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["Hi"]}]}""", stop, SoakProof.Text), Answered),
        new("WebSocket: a stream, and one that is cancelled", 1.5, SoakSocket.AskAsync, Answered),
        new("client leaves mid-stream", 3, (client, n, stop) => client.LeaveAsync(n, Alpha, Say("chat", n, Streamed), afterFirst: true, stop), Left),
        new("client leaves before the first token", 2, (client, n, stop) => client.LeaveAsync(n, Alpha, Say("hedged", n, Streamed), afterFirst: false, stop), Left),
        new("no such key", 3, (client, n, stop) => client.AskAsync(n, Chat, "aif_nobody", Say("chat", n), stop), "401 invalid_api_key"),
        new("no such model", 3, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("nobody", n), stop), "404 model_not_found"),
        new("no JSON", 2, (client, n, stop) => client.AskAsync(n, Chat, Alpha, "{\"model\":", stop), "400 invalid_json"),
        new(MoreThanLimit, 3, (client, n, stop) => client.AskAsync(n, Chat, Limited, Say("chat", n), stop), Answered, "429 rate_limit_exceeded"),
        new(MoreThanBudget, 2, (client, n, stop) => client.AskAsync(n, Chat, Spending, Say("chat", n, Bounded), stop), Answered, OutOfBudget) { Least = [(OutOfBudget, 0.2)] },
        new("guarded", 3, (client, n, stop) => client.AskAsync(n, Chat, Guarded, Say("chat", n, ",\"user\":\"bob@example.org\""), stop), Answered),
        new("guarded, blocked", 2, (client, n, stop) => client.AskAsync(n, Chat, Guarded, """{"model":"chat","messages":[{"role":"user","content":"say forbidden-1234"}]}""", stop), "400 content_filter"),
        new("guarded, streamed", 1, (client, n, stop) => client.StreamAsync(n, Chat, Guarded, Say("chat", n, Streamed), stop), Answered),
        new("one replica fails at random", 6, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("faulty", n), stop), Answered),
        new("one replica fails at random, streamed", 1.5, (client, n, stop) => client.StreamAsync(n, Chat, Alpha, Say("faulty", n, Streamed), stop), Answered, Broken) { Least = [(Answered, 0.9)] },
        new("one replica speaks no HTTP", 2, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("garbled", n), stop), Answered),
        new("no replica is well", 1, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("dead", n), stop), Unavailable),
        new("the only replica hangs", 0.2, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("hung", n), stop), TimedOut, Unavailable) { Least = [(TimedOut, 0.1)] },
        new("a fallback answers", 2, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("covered", n), stop), Answered),
        new("one replica goes and comes back", 4, (client, n, stop) => client.AskAsync(n, Chat, Alpha, Say("returning", n), stop), Answered),
        new("one replica goes and comes back, streamed", 1, (client, n, stop) => client.StreamAsync(n, Chat, Alpha, Say("returning", n, Streamed), stop), Answered, Broken) { Least = [(Answered, 0.9)] },
        new("hedged stream", 1, (client, n, stop) => client.StreamAsync(n, Chat, Alpha, Say("hedged", n, Streamed), stop), Answered),
        new("list of models", 1, (client, n, stop) => client.GetAsync(n, "/v1/models", Alpha, stop), Answered),
        new("live traffic", 0.2, (client, n, stop) => client.GetAsync(n, "/api/traffic", AdminKey, stop), Answered),
        new("batch of a file", 0.05, SoakWork.BatchAsync, Answered),
        new("file in parts", 0.03, SoakWork.UploadAsync, Answered),
        new("job", 0.3, SoakWork.JobAsync, Answered),
    ];

    private const string Streamed = ",\"stream\":true";
    private const string Bounded = ",\"max_tokens\":100";

    public static string Say(string? model, long n, string more = "") =>
        $$"""{{{(model is null ? "" : $"\"model\":\"{model}\",")}}"messages":[{"role":"user","content":"Where is the seat of the Swiss government, and what lies south of Denmark? {{n}}"}]{{more}}}""";
}

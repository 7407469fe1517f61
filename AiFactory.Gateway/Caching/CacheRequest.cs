using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Caching;

/// <summary>What the cache has to know of a request.</summary>
/// <param name="TellsUsage">Whether a stream of it tells its usage.</param>
/// <param name="Question">Null where only the same question gets an answer that is kept.</param>
internal sealed record CacheRequest(CacheKey Key, bool TellsUsage, Question? Question)
{
    /// <summary>As <see cref="RequestHead"/> has it.</summary>
    private const int MaximumDepth = 256;

    /// <summary>What asks for the same answer whatever it says: how it is sent, whose it is, what it is called. The model is known by its deployment and version.</summary>
    private static readonly FrozenSet<string> Uncounted = FrozenSet.ToFrozenSet(
        ["model", "stream", "stream_options", "user", "metadata", "store", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "request_id", "priority"], StringComparer.Ordinal);

    public static bool IsUncounted(string name) => Uncounted.Contains(name);

    /// <summary>Null when no answer to it is kept or given.</summary>
    public static CacheRequest? Of(Exchange exchange, CachePolicy policy)
    {
        using var document = JsonDocument.Parse(exchange.Body, new JsonDocumentOptions { MaxDepth = MaximumDepth });
        try
        {
            return Read(exchange, document.RootElement, policy);
        }
        catch (InvalidOperationException)
        {
            // A member's name is no Unicode.
            return null;
        }
    }

    /// <summary>The project whose callers share answers.</summary>
    public static string ScopeOf(Exchange exchange) => ModelCallers.ProjectOf(exchange.Context.Request, exchange.Caller) ?? "";

    private static CacheRequest? Read(Exchange exchange, JsonElement body, CachePolicy policy)
    {
        if (CanonicalForm.Members(body) is not { } members)
        {
            return null;
        }

        // 1. Who may have the answer, and what gives it.
        var form = new ArrayBufferWriter<byte>(exchange.Body.Count + 512);
        WriteSource(exchange, form);

        // 2. What is asked.
        var (tellsUsage, isRandom) = (false, exchange.Operation == Operation.ChatCompletion || exchange.Operation == Operation.Completion);
        foreach (var (name, value) in members)
        {
            switch (name)
            {
                case "store" when value.ValueKind == JsonValueKind.True:
                    // The server is to keep it: an answer of ours would not be there.
                    return null;
                case "stream_options":
                    tellsUsage = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("include_usage"u8, out var asked) && asked.ValueKind == JsonValueKind.True;
                    break;
                case "temperature":
                    isRandom &= !(value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var temperature) && temperature == 0);
                    break;
                case "seed":
                    isRandom &= value.ValueKind == JsonValueKind.Null;
                    break;
            }

            if (!IsUncounted(name))
            {
                CanonicalForm.WriteText(name, form);
                if (!CanonicalForm.TryWrite(value, form))
                {
                    return null;
                }
            }
        }

        if (isRandom && policy.DeterministicOnly)
        {
            return null;
        }

        var question = policy.Semantic is not null && exchange.Operation == Operation.ChatCompletion ? Question.Of(exchange, members) : null;
        return new CacheRequest(CacheKey.Of(form.WrittenSpan), tellsUsage, question);
    }

    /// <summary>Who may have the answer, what gives it, and how it is asked.</summary>
    public static void WriteSource(Exchange exchange, IBufferWriter<byte> form)
    {
        var route = exchange.Deployment.Route;
        CanonicalForm.WriteText("aifactory-cache-1"u8, form);
        CanonicalForm.WriteText(ScopeOf(exchange), form);
        CanonicalForm.WriteText(exchange.Deployment.Id, form);
        CanonicalForm.WriteText(route.Digest, form);
        CanonicalForm.WriteText($"{route.Model} {route.ModelVersion}", form);
        CanonicalForm.WriteText(exchange.Operation.Path, form);
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Batches;
using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.Infer;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Jobs;

/// <summary>
/// One request of any kind, to be done when there is room:
/// <code>{"url":"/v1/chat/completions","body":{"model":"demo-chat","messages":[...]},"webhook":"https://example.com/hook","completion_window":"24h","metadata":{"for":"a report"}}</code>
/// Without a <c>url</c> the body is the envelope of <c>/api/infer</c>.
/// </summary>
internal sealed record JobRequest(string Url, byte[] Body, string? Webhook, string CompletionWindow, TimeSpan Window, string? Metadata)
{
    private const string UsualWindow = "24h";

    public static OpenAIError? Read(JsonElement root, out JobRequest? request)
    {
        request = null;
        var url = root.TryGetProperty("url"u8, out _) ? BatchRequest.Text(root, "url") : WorkTargets.Infer;
        if (url is null || !WorkTargets.Has(url))
        {
            return JobErrors.BadUrl(WorkTargets.Names);
        }

        if (!root.TryGetProperty("body"u8, out var body) || body.ValueKind != JsonValueKind.Object)
        {
            return JobErrors.BadBody;
        }

        var bytes = Encoding.UTF8.GetBytes(body.GetRawText());
        if (CheckBody(url, body, bytes) is { } bad)
        {
            return bad;
        }

        var window = root.TryGetProperty("completion_window"u8, out _) ? BatchRequest.Text(root, "completion_window") ?? "" : UsualWindow;
        if (Batches.CompletionWindow.Parse(window) is not { } length)
        {
            return BatchErrors.Bad("completion_window", Batches.CompletionWindow.Complaint);
        }

        if (BatchRequest.ReadMetadata(root, out var metadata) is { } badMetadata)
        {
            return badMetadata;
        }

        if (BatchRequest.ReadWebhook(root, out var webhook) is { } badWebhook)
        {
            return badWebhook;
        }

        request = new JobRequest(url, bytes, webhook, window, length, metadata);
        return null;
    }

    /// <summary>The same for the same request, byte by byte: who asks again sends what it sent.</summary>
    public byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string?[])[Url, CompletionWindow, Webhook, Metadata])
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{part}\n"));
        }

        hash.AppendData(Body);
        return hash.GetHashAndReset();
    }

    private static OpenAIError? CheckBody(string url, JsonElement body, byte[] bytes)
    {
        if (url == WorkTargets.Infer)
        {
            return InferRequest.Read(body, out _, out _);
        }

        return InputLine.ReadBody(bytes) is { } fault ? JobErrors.Bad(fault.Code, fault.Message, fault.Param) : null;
    }
}

using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Anthropic;

/// <summary>Anthropic's messages, as chat completions of the models here.</summary>
internal sealed class MessagesHandler(OuterRequests requests, InferenceHandler inference)
{
    private const string VersionHeader = "anthropic-version";

    /// <summary>Versions are dates, and newer clients name newer ones: what is not a date is no version. Nothing here differs from one to another.</summary>
    private const string VersionFormat = "yyyy-MM-dd";

    public async Task CreateAsync(HttpContext context)
    {
        if (await ReadAsync(context, forCount: false) is not { } asked)
        {
            return;
        }

        if (asked.Stream)
        {
            using var stream = new MessageStream(context, asked.Model);
            await AskAsync(context, Operation.ChatCompletion, asked.Body, stream);
            await stream.EndAsync();
            return;
        }

        var answer = new WholeAnswer();
        await AskAsync(context, Operation.ChatCompletion, asked.Body, answer);
        await AnswerAsync(context, answer, (root, to) => MessageWriter.Write(root, asked.Model, context.TraceIdentifier, to));
    }

    /// <summary>How many tokens the messages have in the model's own template.</summary>
    public async Task CountAsync(HttpContext context)
    {
        if (await ReadAsync(context, forCount: true) is not { } asked)
        {
            return;
        }

        var answer = new WholeAnswer();
        await AskAsync(context, Operation.Tokenize, asked.Body, answer);
        await AnswerAsync(context, answer, WriteCount);
    }

    private async ValueTask<(string Model, ReadOnlyMemory<byte> Body, bool Stream)?> ReadAsync(HttpContext context, bool forCount)
    {
        var (document, _, _, error) = await requests.ReadAsync(context);
        using (document)
        {
            if (document is null && error is null)
            {
                return null;
            }

            if (document is not null)
            {
                error = MessagesRequest.Translate(document.RootElement, forCount, out var body, out var stream) ?? CheckVersion(context.Request);
                if (error is null)
                {
                    return (document.RootElement.Text("model"u8) ?? "", body, stream);
                }

                requests.Rejected(error);
            }

            await AnthropicErrorWriter.WriteAsync(context, error ?? MessageAnswer.Unreadable);
            return null;
        }
    }

    private static OpenAIError? CheckVersion(HttpRequest request) =>
        request.Headers[VersionHeader] is [{ } version] && !DateOnly.TryParseExact(version, VersionFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? Fault.At(VersionHeader, $"'{version}' is no version of this protocol: it is a date, as '2023-06-01'")
            : null;

    private async Task AskAsync(HttpContext context, Operation operation, ReadOnlyMemory<byte> body, AnswerSink sink)
    {
        var inner = SubRequest.Create(context, operation, body, sink, context.RequestAborted);
        await inference.InvokeAsync(inner, operation);
        await SubRequest.EndAsync(inner);
    }

    private static OpenAIError? WriteCount(JsonElement answer, IBufferWriter<byte> to)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("count"u8, out var count) || count.ValueKind != JsonValueKind.Number)
        {
            return MessageAnswer.Unreadable;
        }

        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        json.WritePropertyName("input_tokens"u8);
        count.WriteTo(json);
        json.WriteEndObject();
        return null;
    }

    private static async Task AnswerAsync(HttpContext context, WholeAnswer answer, Func<JsonElement, IBufferWriter<byte>, OpenAIError?> write)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        answer.CopyHeaders(context.Response);
        using var document = answer.IsBroken ? null : answer.Parse();
        var body = new ArrayBufferWriter<byte>(answer.Body.Length + 256);
        var error = answer.Status >= StatusCodes.Status400BadRequest ? AnsweredError.Of(answer.Status, document?.RootElement)
            : answer.IsBroken ? OpenAIError.UpstreamBroke
            : document is null ? MessageAnswer.Unreadable
            : Write(document.RootElement, body, write);
        if (error is not null)
        {
            await AnthropicErrorWriter.WriteAsync(context, error);
            return;
        }

        context.Response.Headers["request-id"] = context.TraceIdentifier;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    /// <summary>A text of the answer may be no Unicode: a replica of another kind wrote it.</summary>
    private static OpenAIError? Write(JsonElement answer, IBufferWriter<byte> to, Func<JsonElement, IBufferWriter<byte>, OpenAIError?> write)
    {
        try
        {
            return write(answer, to);
        }
        catch (InvalidOperationException)
        {
            return MessageAnswer.Unreadable;
        }
    }
}

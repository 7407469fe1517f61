using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.SubRequests;

/// <summary>Who asks in another protocol, and what: read whole, as a JSON object all of whose texts are valid Unicode.</summary>
internal sealed class OuterRequests(ModelCallers callers, GatewayTelemetry telemetry, IOptions<ForwardingOptions> options)
{
    /// <summary>As <see cref="RequestHead"/> has it.</summary>
    public const int MaximumDepth = 256;

    private readonly int _bodyLimit = options.Value.MaxRequestBodyBytes;

    /// <returns>Neither a document nor an error when the client left within its request.</returns>
    public async ValueTask<(JsonDocument? Body, Caller? Caller, ProjectRoutes? Models, OpenAIError? Error)> ReadAsync(HttpContext context)
    {
        var error = callers.Find(context, out var caller, out var models);
        if (error is not null || models is null)
        {
            return Refuse(error ?? OpenAIError.MissingKey);
        }

        var (document, malformed) = await ReadBodyAsync(context);
        return malformed is not null ? Refuse(malformed) : document is null ? default : (document, caller, models, null);
    }

    /// <returns>Neither a document nor an error when the client left within its request.</returns>
    public async ValueTask<(JsonDocument? Body, OpenAIError? Error)> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.Headers.ContentEncoding is not [] and not ["identity"])
        {
            return (null, OpenAIError.ContentEncoding);
        }

        try
        {
            if (await RequestBody.ReadAsync(context.Request, _bodyLimit, context.RequestAborted) is not { } body)
            {
                return (null, OpenAIError.TooLarge(_bodyLimit));
            }

            using (body)
            {
                // The document outlives the rented bytes.
                var bytes = body.Span.ToArray();
                return Check(bytes) is { } malformed ? (null, malformed) : (JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaximumDepth }), null);
            }
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            return default;
        }
    }

    /// <summary>Counts a refusal that the handler of models never saw.</summary>
    public void Rejected(OpenAIError error) => telemetry.Rejected(error.Reason);

    /// <summary>What is wrong with this body; null when it is an object that can be read to its end.</summary>
    public static OpenAIError? Check(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            return OpenAIError.InvalidJson("it is not valid UTF-8.");
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return OpenAIError.InvalidJson("it is not an object.");
            }

            while (reader.Read())
            {
                // Only an escape can still hide half a character.
                if (reader.ValueIsEscaped && reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    Unescape(ref reader);
                }
            }

            return null;
        }
        catch (JsonException invalid)
        {
            return OpenAIError.InvalidJson(RequestHead.Describe(invalid, json.Length));
        }
        catch (InvalidOperationException)
        {
            return OpenAIError.InvalidJson($"a text before byte {reader.BytesConsumed} is not valid Unicode.");
        }
    }

    private static void Unescape(ref Utf8JsonReader reader)
    {
        var buffer = ArrayPool<char>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            reader.CopyString(buffer);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private (JsonDocument?, Caller?, ProjectRoutes?, OpenAIError?) Refuse(OpenAIError error)
    {
        Rejected(error);
        return (null, null, null, error);
    }
}

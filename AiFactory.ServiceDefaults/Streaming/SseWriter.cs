using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AiFactory.ServiceDefaults.Streaming;

/// <summary>
/// Writes server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6), one flush for each event. One event looks so:
/// <code>
/// event: message_start
/// data: {"id":"1"}
///
/// </code>
/// Reading is done by <c>System.Net.ServerSentEvents.SseParser</c>.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed class SseWriter : IDisposable
{
    private readonly PipeWriter _pipe;
    private Utf8JsonWriter? _json;

    public SseWriter(PipeWriter pipe)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        _pipe = pipe;
    }

    /// <summary>Sets the headers of an event stream, turns buffering off here and in proxies, and starts writing.</summary>
    public static SseWriter Start(HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return new SseWriter(response.BodyWriter);
    }

    /// <summary>Writes one event whose data is the value as JSON, on one line.</summary>
    /// <returns>False when the client has left: stop.</returns>
    public ValueTask<bool> WriteJsonAsync<T>(T value, JsonTypeInfo<T> type, string? eventName = null, CancellationToken cancellationToken = default) =>
        WriteJsonAsync(value, type, eventName, eventId: null, cancellationToken);

    /// <summary>The same, with an id that a client sends back as <c>Last-Event-ID</c> when it goes on after a lost connection.</summary>
    public ValueTask<bool> WriteJsonAsync<T>(T value, JsonTypeInfo<T> type, string? eventName, string? eventId, CancellationToken cancellationToken)
    {
        WriteField("id: "u8, eventId);
        WriteField("event: "u8, eventName);
        _pipe.Write("data: "u8);
        if (_json is null)
        {
            _json = new Utf8JsonWriter(_pipe, new JsonWriterOptions { SkipValidation = true });
        }
        else
        {
            _json.Reset(_pipe);
        }

        JsonSerializer.Serialize(_json, value, type);
        _json.Flush();
        _pipe.Write("\n\n"u8);
        return FlushAsync(cancellationToken);
    }

    /// <summary>Writes one event; each line of the data gets its own <c>data:</c>.</summary>
    /// <param name="utf8Data">For example <c>[DONE]</c>.</param>
    /// <returns>False when the client has left: stop.</returns>
    public ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> utf8Data, string? eventName = null, CancellationToken cancellationToken = default)
    {
        WriteField("event: "u8, eventName);
        WriteLines(utf8Data.Span);
        _pipe.Write("\n"u8);
        return FlushAsync(cancellationToken);
    }

    /// <summary>Writes a comment, which clients ignore: it keeps an idle connection open and finds out whether the client is still there.</summary>
    public ValueTask<bool> WriteKeepAliveAsync(CancellationToken cancellationToken = default)
    {
        _pipe.Write(": \n\n"u8);
        return FlushAsync(cancellationToken);
    }

    public void Dispose() => _json?.Dispose();

    private void WriteField(ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
        {
            return;
        }

        if (value.AsSpan().ContainsAny('\r', '\n'))
        {
            throw new ArgumentException("An event's name and id are one line each.", nameof(value));
        }

        _pipe.Write(name);
        Encoding.UTF8.GetBytes(value, _pipe);
        _pipe.Write("\n"u8);
    }

    private void WriteLines(ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var end = data.IndexOfAny((byte)'\r', (byte)'\n');
            _pipe.Write("data: "u8);
            _pipe.Write(end < 0 ? data : data[..end]);
            _pipe.Write("\n"u8);
            if (end < 0)
            {
                return;
            }

            // A carriage return and a line feed together end one line.
            var isPair = data[end] == '\r' && end + 1 < data.Length && data[end + 1] == '\n';
            data = data[(end + (isPair ? 2 : 1))..];
        }
    }

    private async ValueTask<bool> FlushAsync(CancellationToken cancellationToken)
    {
        var result = await _pipe.FlushAsync(cancellationToken);
        return !result.IsCompleted && !result.IsCanceled;
    }
}

using System.Buffers;
using System.IO.Pipelines;
using AiFactory.Gateway.Guardrails.Answers;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Forwarding;

/// <summary>
/// Passes a replica's answer on, each piece as it comes. The status and the headers go out together with the first piece: until then the client has seen
/// nothing, and another replica could still answer.
/// </summary>
internal sealed class AnswerRelay(Exchange exchange, HttpResponseMessage upstream, ForwardingOptions options) : IAsyncDisposable
{
    private const int EventBuffer = 4 * 1024;
    private const int WholeBuffer = 32 * 1024;

    private readonly bool _events = upstream.Content.Headers.ContentType?.MediaType == "text/event-stream";
    private byte[]? _buffer;
    private Stream? _body;
    private int _read;
    private bool _betweenEvents = true;

    private UsageEventFilter? Filter => _events ? exchange.Filter : null;

    /// <summary>Null where no rule is about this answer; what a replica says in place of one is its own words.</summary>
    private AnswerGuard? Guard => upstream.IsSuccessStatusCode ? exchange.Guarding?.Answers : null;

    private bool IsJson => upstream.Content.Headers.ContentType?.MediaType == "application/json";

    /// <summary>What ends the wait for the first piece, where another token than the exchange's does.</summary>
    public CancellationToken? Opened { get; init; }

    private CancellationToken Token => Opened ?? exchange.Token;

    /// <summary>What the first piece is; known only when it was to be looked at.</summary>
    public AnswerOpening Opening { get; private set; } = AnswerOpening.Answer;

    /// <summary>Waits for the first piece of the answer; what this throws, nobody but the caller has noticed.</summary>
    /// <param name="look">Whether a 200 is held back until it has shown a token, or anything else that is no mere opening of a stream.</param>
    public async Task ReadFirstAsync(bool look = false)
    {
        _body = upstream.Content.ReadAsStream(Token); // no reading yet, and so nothing to wait for
        var buffer = _buffer = ArrayPool<byte>.Shared.Rent(_events ? EventBuffer : WholeBuffer);
        _read = await _body.ReadAsync(buffer, Token);
        if (!look || upstream.StatusCode != System.Net.HttpStatusCode.OK)
        {
            return;
        }

        if (!(_events || IsJson))
        {
            // A model that has nothing to say says so: nothing at all is no answer, whatever it is called.
            Opening = _read == 0 ? AnswerOpening.Silent : AnswerOpening.Answer;
            return;
        }

        // What fills the buffer is long enough to be an answer.
        var last = _read;
        Opening = Look(buffer.AsSpan(0, _read));
        while (Opening == AnswerOpening.Silent && last > 0)
        {
            if (_read == buffer.Length)
            {
                Opening = AnswerOpening.Answer;
                return;
            }

            last = await _body.ReadAsync(buffer.AsMemory(_read), Token);
            _read += last;
            Opening = Look(buffer.AsSpan(0, _read));
        }
    }

    /// <summary>Reads a refusal as far as one buffer holds it.</summary>
    /// <returns>See <see cref="ErrorCode"/>.</returns>
    public async Task<string?> ReadErrorAsync()
    {
        try
        {
            await ReadFirstAsync();
            var last = _read;
            while (IsJson && last > 0 && _body is { } body && _buffer is { } buffer && _read < buffer.Length)
            {
                last = await body.ReadAsync(buffer.AsMemory(_read), Token);
                _read += last;
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            // The status came whole: the replica has refused, and says no more of it.
        }

        return IsJson ? ErrorCode.Of(_buffer.AsSpan(0, _read)) : null;
    }

    /// <summary>Whether a refusal was read whole, and these bytes are not in it: some services repeat the credential that they refuse, and a client must never see it.</summary>
    public bool IsFreeOf(ReadOnlySpan<byte> secret) => IsJson && _buffer is { } buffer && _read < buffer.Length && buffer.AsSpan(0, _read).IndexOf(secret) < 0;

    /// <summary>Sends this in the place of a refusal, with its status.</summary>
    public Task ReplaceAsync(OpenAIError error)
    {
        exchange.Error = upstream.StatusCode.ToString("D");
        exchange.Unlimit();
        return OpenAIErrorWriter.WriteAsync(exchange.Context, error);
    }

    /// <summary>Sends all of it. A replica that breaks off or falls silent is answered by a last event, or by a broken connection where the answer is no stream.</summary>
    public async Task RunAsync()
    {
        if (_body is not { } body || _buffer is not { } buffer)
        {
            throw new InvalidOperationException("The first piece was not read.");
        }

        var rewritten = exchange.Rewrite is not null && upstream.StatusCode == System.Net.HttpStatusCode.OK;
        if (!_events && (rewritten || Guard is not null))
        {
            await new HeldAnswer(exchange, upstream, rewritten ? null : Guard, options).RunAsync(body, buffer, _read);
            return;
        }

        AnswerHead.Copy(exchange, upstream, options, _events);
        await PassAllAsync(body, buffer);
        if (_events && Guard?.Stream.Heard is { } heard)
        {
            // The replica need not wait for what is said of its answer.
            await body.DisposeAsync();
            await heard.FlagAsync();
        }
    }

    private async Task PassAllAsync(Stream body, byte[] buffer)
    {
        var output = exchange.Context.Response.BodyWriter;
        try
        {
            while (_read > 0)
            {
                await PassAsync(output, buffer.AsMemory(0, _read));
                if (Guard?.Stream.Error is { } stopped)
                {
                    await BreakOffAsync(output, stopped);
                    exchange.Unlimit();
                    return;
                }

                exchange.Limit(options.IdleTimeout);
                _read = await body.ReadAsync(buffer, exchange.Token);
            }

            if (Guard is { } guarded && await GuardedAsync(guarded, piece: null) is { IsEmpty: false } kept)
            {
                await output.WriteAsync(Filter?.Filter(kept) ?? kept, exchange.Context.RequestAborted);
            }

            if (Guard?.Stream.Error is { } refused)
            {
                await BreakOffAsync(output, refused);
                exchange.Unlimit();
                return;
            }

            if (Filter?.End() is { IsEmpty: false } rest)
            {
                await output.WriteAsync(rest, exchange.Context.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (exchange.ClientLeft)
        {
            exchange.Error = "client_left";
        }
        catch (OperationCanceledException)
        {
            await BreakOffAsync(output, exchange.IsOverdue ? OpenAIError.TotalTimeout(options.TotalTimeout) : OpenAIError.IdleTimeout(options.IdleTimeout));
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            await BreakOffAsync(output, OpenAIError.UpstreamBroke);
        }

        exchange.Unlimit();
        if (exchange.Error is null && upstream.StatusCode >= System.Net.HttpStatusCode.BadRequest)
        {
            exchange.Error = ((int)upstream.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (_body is { } body)
        {
            await body.DisposeAsync();
        }
    }

    /// <summary>To the wire at once. A client that is slow to read is not the replica's silence: meanwhile no limit runs but Kestrel's own for slow clients.</summary>
    private async ValueTask PassAsync(PipeWriter output, ReadOnlyMemory<byte> piece)
    {
        exchange.Observe(piece.Span, _events);
        piece = Guard is { } guard ? await GuardedAsync(guard, piece) : piece;
        piece = piece.IsEmpty ? piece : Filter?.Filter(piece) ?? piece;
        if (piece.IsEmpty)
        {
            return;
        }

        _betweenEvents = piece.Span.EndsWith("\n\n"u8) || piece.Span.EndsWith("\r\n\r\n"u8);
        var written = output.WriteAsync(piece, exchange.Context.RequestAborted);
        if (!written.IsCompletedSuccessfully)
        {
            exchange.Unlimit();
        }

        await written;
    }

    /// <summary>What of it may go on: while it waits for its turn, or is judged, nothing is read from the replica, and its silence is ours.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> GuardedAsync(AnswerGuard guard, ReadOnlyMemory<byte>? piece)
    {
        var taken = guard.PassAsync(piece, exchange.Token);
        if (!taken.IsCompleted)
        {
            exchange.Unlimit();
        }

        var passing = await taken;
        if (guard.Stream.Heard is not { Judges: true } heard)
        {
            return passing;
        }

        var judged = heard.PassAsync(passing, guard.Stream);
        if (!judged.IsCompletedSuccessfully)
        {
            exchange.Unlimit();
        }

        return await judged;
    }

    private AnswerOpening Look(ReadOnlySpan<byte> bytes) => _events ? OpeningScanner.OfEvents(bytes) : OpeningScanner.OfJson(bytes);

    private async Task BreakOffAsync(PipeWriter output, OpenAIError error)
    {
        if (exchange.ClientLeft)
        {
            exchange.Error = "client_left";
            return;
        }

        exchange.Error = error.Reason;
        if (!_events)
        {
            exchange.Context.Abort();
            return;
        }

        OpenAIErrorWriter.WriteEvent(output, error, _betweenEvents);
        await output.FlushAsync(exchange.Context.RequestAborted);
    }
}

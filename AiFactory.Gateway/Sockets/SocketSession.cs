using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Sockets;

/// <summary>One connection: reads requests, answers several at once, and ends them all when it ends.</summary>
internal sealed partial class SocketSession(WebSocket socket, HttpContext outer, Operation operation, InferenceHandler inference, SocketOptions options, TimeProvider time, ILogger<SocketSession> logger)
    : IDisposable
{
    private const int FirstSize = 4 * 1024;
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(2);

    /// <summary>By the client's id: what can be cancelled.</summary>
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _running = new(StringComparer.Ordinal);

    /// <summary>By our number: what is not over until its last message is sent.</summary>
    private readonly ConcurrentDictionary<int, Task> _answers = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _over = CancellationTokenSource.CreateLinkedTokenSource(outer.RequestAborted);
    private int _count;
    private volatile bool _stopping;

    private static OpenAIError TooMany(int most) =>
        OpenAIError.Of(StatusCodes.Status429TooManyRequests, $"{most} requests of this connection are being answered (setting Sockets:MaxRequests). Wait for one to end.", "invalid_request_error", code: "too_many_requests");

    private static OpenAIError IdInUse { get; } =
        OpenAIError.Of(StatusCodes.Status409Conflict, "A request of this connection with this 'request_id' is being answered.", "invalid_request_error", "request_id", "request_id_in_use");

    private static OpenAIError Stopping { get; } =
        OpenAIError.Of(StatusCodes.Status503ServiceUnavailable, "This gateway stops: what runs is finished. Open a new connection.", "server_error", code: "gateway_stopping");

    public async Task RunAsync(CancellationToken stopping)
    {
        using var registration = stopping.Register(() => _ = StopAsync());
        var (status, description) = (WebSocketCloseStatus.NormalClosure, "");
        var buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult received;
                do
                {
                    if (length == buffer.Length)
                    {
                        buffer = Grow(buffer, length);
                    }

                    received = await socket.ReceiveAsync(buffer.AsMemory(length), _over.Token);
                    length += received.Count;
                }
                while (!received.EndOfMessage && length <= options.MaxMessageBytes && received.MessageType == WebSocketMessageType.Text);

                if (received.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                if (received.MessageType == WebSocketMessageType.Binary || length > options.MaxMessageBytes)
                {
                    (status, description) = received.MessageType == WebSocketMessageType.Binary
                        ? (WebSocketCloseStatus.InvalidMessageType, "Messages are texts.")
                        : (WebSocketCloseStatus.MessageTooBig, $"A message has at most {options.MaxMessageBytes} bytes (setting Sockets:MaxMessageBytes).");
                    break;
                }

                await TakeAsync(buffer.AsMemory(0, length).ToArray());
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            // The client is gone, or was cut off.
            LogLost(logger, error.Message, outer.TraceIdentifier);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await EndAsync(status, description);
        }
    }

    /// <summary>One message, whole, after those before it. Who waits for it holds its upstream back.</summary>
    /// <param name="cancellationToken">Ends the wait for its turn; a message that is being sent is sent, or the connection ends.</param>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            using var slow = new CancellationTokenSource(options.SendTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, _over.Token);
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, either.Token);
        }
        catch (Exception error) when (error is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            await _over.CancelAsync();
            throw new OperationCanceledException("The connection ended.", error);
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose()
    {
        _sending.Dispose();
        _over.Dispose();
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> bytes)
    {
        var error = SocketMessage.Read(bytes, out var message);
        if (error is null && message.Body is null)
        {
            // One that has ended already is cancelled enough.
            if (_running.TryGetValue(message.Id, out var wanted))
            {
                await CancelAsync(wanted);
            }

            return;
        }

        error ??= _stopping ? Stopping : _running.ContainsKey(message.Id) ? IdInUse : _running.Count >= options.MaxRequests ? TooMany(options.MaxRequests) : null;
        if (error is not null || message.Body is not { } body)
        {
            await SendAsync(SocketText.Error(message.Id, "refused", error ?? OpenAIError.MissingModel, retryAfter: null), _over.Token);
            return;
        }

        var cancel = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[message.Id] = cancel;
        _answers[++_count] = AnswerAsync(_count, message.Id, body, cancel, begin.Task);
        begin.SetResult();
    }

    private static async ValueTask CancelAsync(CancellationTokenSource cancel)
    {
        try
        {
            await cancel.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended in this moment.
        }
    }

    /// <param name="begin">Completes when the request stands among those that run.</param>
    private async Task AnswerAsync(int number, string id, ReadOnlyMemory<byte> body, CancellationTokenSource cancel, Task begin)
    {
        await begin;
        try
        {
            var sink = new SocketSink(id, this);
            var requestId = string.Create(CultureInfo.InvariantCulture, $"{outer.TraceIdentifier}-{number}");
            var inner = SubRequest.Create(outer, operation, body, sink, cancel.Token, requestId);
            try
            {
                await inference.InvokeAsync(inner, operation);
                await SubRequest.EndAsync(inner);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException && cancel.IsCancellationRequested)
            {
                // It is not wanted any more.
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                // A bug in one request ends that one: the others of this connection go on.
                LogFailed(logger, error, requestId);
                sink.Abort();
            }

            // Its id is free before the client can know that it has ended.
            _running.TryRemove(id, out _);
            await sink.EndAsync(cancel.IsCancellationRequested, _over.Token);
        }
        catch (OperationCanceledException)
        {
            // The connection is gone.
        }
        finally
        {
            _running.TryRemove(new KeyValuePair<string, CancellationTokenSource>(id, cancel));
            _answers.TryRemove(number, out _);
            cancel.Dispose();
        }
    }

    /// <summary>The gateway stops: nothing new is taken, what runs ends, and the client is told to go elsewhere.</summary>
    private async Task StopAsync()
    {
        _stopping = true;
        await ((Task)Task.WhenAll(_answers.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The gateway stops.");
        try
        {
            // The client answers with its own word, and the reader ends; or it does not.
            _over.CancelAfter(CloseTime);
        }
        catch (ObjectDisposedException)
        {
            // It ended meanwhile.
        }
    }

    private async Task EndAsync(WebSocketCloseStatus status, string description)
    {
        // 1. What runs is wanted by nobody.
        await _over.CancelAsync();
        await ((Task)Task.WhenAll(_answers.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // 2. A word on why.
        await CloseAsync(status, description);
    }

    private async Task CloseAsync(WebSocketCloseStatus status, string description)
    {
        using var limit = new CancellationTokenSource(CloseTime, time);
        try
        {
            await _sending.WaitAsync(limit.Token);
            try
            {
                if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                {
                    await socket.CloseOutputAsync(status, description, limit.Token);
                }
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            socket.Abort();
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    [LoggerMessage(1501, LogLevel.Debug, "A WebSocket ended without a closing handshake ({Reason}). Request {RequestId}")]
    private static partial void LogLost(ILogger logger, string reason, string requestId);

    [LoggerMessage(1502, LogLevel.Error, "A request by WebSocket failed. Request {RequestId}")]
    private static partial void LogFailed(ILogger logger, Exception error, string requestId);
}

using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Sockets;

/// <summary>
/// Opens a WebSocket for one operation. A key comes in its header, or from a browser, which can set none, as a subprotocol:
/// <c>new WebSocket(url, ["aifactory.v1", "aifactory-key.aif_..."])</c>. Never in the URL, which logs and histories keep.
/// </summary>
internal sealed class SocketHandler(
    ModelCallers callers, InferenceHandler inference, GatewayTelemetry telemetry, IHostApplicationLifetime lifetime, IOptions<SocketOptions> options, TimeProvider time, ILogger<SocketSession> logger)
{
    public const string Protocol = "aifactory.v1";
    public const string KeyProtocol = "aifactory-key.";

    private static OpenAIError MissingProtocol { get; } = OpenAIError.Of(
        StatusCodes.Status400BadRequest,
        $"A key as a subprotocol needs the subprotocol '{Protocol}' beside it: a browser closes a connection that takes none of those it offered.",
        "invalid_request_error",
        code: "missing_subprotocol");

    public async Task InvokeAsync(HttpContext context, Operation operation)
    {
        // 1. Who calls. They are asked as for the requests that will follow, which change something: a page of another site, with the console's cookie, may not.
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        if (context.Request.Headers.Authorization.Count == 0 && offered.FirstOrDefault(one => one.StartsWith(KeyProtocol, StringComparison.Ordinal)) is { } key)
        {
            context.Request.Headers.Authorization = $"Bearer {key[KeyProtocol.Length..]}";
        }

        var first = SubRequest.Create(context, operation, ReadOnlyMemory<byte>.Empty, new WholeAnswer(), context.RequestAborted);
        var error = callers.Find(first, out _, out _)
            ?? (!context.WebSockets.IsWebSocketRequest ? OpenAIError.MethodNotSupported(context.Request.Method, $"{context.Request.Path}") : null)
            ?? (offered.Count > 0 && !offered.Contains(Protocol) ? MissingProtocol : null);
        if (error is not null)
        {
            telemetry.Rejected(error.Reason);
            if (error.Status == StatusCodes.Status405MethodNotAllowed)
            {
                context.Response.Headers.Allow = HttpMethods.Post;
            }

            await OpenAIErrorWriter.WriteAsync(context, error);
            return;
        }

        // 2. The connection.
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = offered.Count > 0 ? Protocol : null,
            KeepAliveInterval = options.Value.PingInterval,
            KeepAliveTimeout = options.Value.PongTimeout,
        });
        using var session = new SocketSession(socket, context, operation, inference, options.Value, time, logger);
        await session.RunAsync(lifetime.ApplicationStopping);
    }
}

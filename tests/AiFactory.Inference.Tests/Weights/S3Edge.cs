using System.Net;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AiFactory.Inference.Tests.Weights;

/// <summary>Stands between a worker and an S3 server, counts the bytes of objects that pass, and can hold them, refuse them or say nothing.</summary>
internal sealed class S3Edge(Uri server) : KestrelEdge
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _given;

    /// <summary>Bytes after which nothing passes until <see cref="Open"/>.</summary>
    public long HoldAfter { get; init; } = long.MaxValue;

    /// <summary>What is answered to everything; null for what the server answers.</summary>
    public HttpStatusCode? Refusal { get; set; }

    /// <summary>Nothing is answered.</summary>
    public bool IsSilent { get; set; }

    public long Given => Volatile.Read(ref _given);

    public Task Reached => _reached.Task;

    public void Open() => _open.TrySetResult();

    protected override async Task AnswerAsync(HttpContext context)
    {
        if (IsSilent)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }

        if (Refusal is { } refusal)
        {
            context.Response.StatusCode = (int)refusal;
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(server, context.Request.Path + context.Request.QueryString));
        foreach (var (name, value) in context.Request.Headers)
        {
            // The signature covers the host's name: it is passed on as it came.
            request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
        }

        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, value) in response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Transfer-Encoding"))
        {
            context.Response.Headers[name] = new StringValues([.. value]);
        }

        await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        var counts = context.Request.Headers.ContainsKey("Range");
        var buffer = new byte[8_192];
        int count;
        while (HttpMethods.IsGet(context.Request.Method) && (count = await body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (counts && !_open.Task.IsCompleted && Given + count > HoldAfter)
            {
                _reached.TrySetResult();
                await _open.Task.WaitAsync(context.RequestAborted);
            }

            await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
            Interlocked.Add(ref _given, counts ? count : 0);
        }
    }
}

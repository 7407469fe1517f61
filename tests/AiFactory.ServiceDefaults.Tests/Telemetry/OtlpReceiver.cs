using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AiFactory.ServiceDefaults.Tests.Telemetry;

/// <summary>Takes OTLP over http/protobuf and keeps the bodies: a protobuf's strings stand in it as they are.</summary>
internal sealed class OtlpReceiver(TestService service, ConcurrentQueue<(string Path, string Header, string Body)> received) : IAsyncDisposable
{
    public Uri Address => service.Address;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var received = new ConcurrentQueue<(string, string, string)>();
        var service = await TestService.StartAsync(app => app.MapPost("/v1/{signal}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.Enqueue((context.Request.Path, context.Request.Headers["x-otlp-key"].ToString(), Encoding.Latin1.GetString(body.ToArray())));
            context.Response.ContentType = "application/x-protobuf";
        }).AllowAnonymous());
        return new OtlpReceiver(service, received);
    }

    /// <summary>Everything that came for a signal: <c>traces</c>, <c>metrics</c>, <c>logs</c>.</summary>
    public string All(string signal) => string.Concat(received.Where(item => item.Path == $"/v1/{signal}").Select(item => item.Body));

    public IEnumerable<string> Headers => received.Select(item => item.Header);

    public ValueTask DisposeAsync() => service.DisposeAsync();
}

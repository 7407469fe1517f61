using System.Net;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Hosting.Dashboard.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Dashboard;

/// <summary>Serves <see cref="DashboardService"/> as <c>aspire.v1.DashboardService</c>: gRPC over HTTP/2 without TLS, on the loopback.</summary>
internal sealed partial class ResourceServer(DashboardService service, string key, ILogger logger) : IAsyncDisposable
{
    private const string Prefix = "/aspire.v1.DashboardService/";
    private const string KeyHeader = "x-resource-service-api-key";

    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private WebApplication? _application;

    public async Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The streams of a quiet factory would be cut after some seconds.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            // One for each console log that somebody reads.
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1_000;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        _application = builder.Build();
        _application.Run(HandleAsync);
        await _application.StartAsync(cancellationToken);
        return new Uri(_application.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_application is not null)
        {
            // Disposing alone would cut the calls off before they have said how they end.
            using var patience = new CancellationTokenSource(StopGrace);
            await _application.StopAsync(patience.Token);
            await _application.DisposeAsync();
        }

        _stopping.Dispose();
    }

    /// <summary>A call that ends because we stop says "unavailable": to the dashboard the end of a stream would mean that there is no more to come.</summary>
    private async Task HandleAsync(HttpContext context)
    {
        var call = new GrpcCall(context);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        try
        {
            Authenticate(context.Request);
            var path = context.Request.Path.Value ?? "";
            var method = path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : path;
            await service.CallAsync(method, call, ends.Token);
            await call.EndAsync(method == "WatchResources" ? GrpcStatus.Unavailable : GrpcStatus.Ok);
        }
        catch (GrpcException e)
        {
            await call.EndAsync(e.Status, e.Message);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The dashboard left.
        }
        catch (OperationCanceledException)
        {
            await call.EndAsync(GrpcStatus.Unavailable, "The application stops.");
        }
#pragma warning disable CA1031 // The caller is told, and the log; the server goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(logger, context.Request.Path, e);
            await call.EndAsync(GrpcStatus.Internal, e.Message);
        }
    }

    private void Authenticate(HttpRequest request)
    {
        var given = Encoding.UTF8.GetBytes(request.Headers[KeyHeader].ToString());
        if (!CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(key)))
        {
            throw new GrpcException(GrpcStatus.Unauthenticated, $"The header {KeyHeader} has not the key.");
        }
    }

    [LoggerMessage(5302, LogLevel.Error, "The dashboard's call {Path} failed")]
    private static partial void LogFailed(ILogger logger, string path, Exception exception);
}

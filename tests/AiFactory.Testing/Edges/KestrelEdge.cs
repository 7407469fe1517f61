using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AiFactory.Testing.Edges;

/// <summary>A real server on the loopback, whose answers a test writes. It can be stopped and started again at the same port.</summary>
public abstract class KestrelEdge : IAsyncDisposable
{
    private readonly int _port = FreePort.Take();
    private WebApplication? _app;

    public Uri Address => new($"{(Certificate is null ? "http" : "https")}://127.0.0.1:{_port}");

    /// <summary>The server's, when it speaks TLS.</summary>
    protected virtual X509Certificate2? Certificate => null;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen =>
        {
            if (Certificate is { } certificate)
            {
                listen.UseHttps(certificate);
            }
        }));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    /// <summary>At once, as a killed process would: whatever it was doing is broken off.</summary>
    public async Task KillAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(new CancellationToken(canceled: true));
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task AnswerAsync(HttpContext context);
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AiFactory.ServiceDefaults.Telemetry.Logs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiFactory.ServiceDefaults.Tests;

public sealed class ServiceApplicationTests
{
    [Fact]
    public async Task A_service_speaks_TLS_where_its_settings_name_a_certificate()
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-tls-");
        var file = Path.Combine(folder.FullName, "service.pfx");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=service", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx), TestContext.Current.CancellationToken);
        var builder = ServiceApplication.CreateBuilder(["--urls", "https://127.0.0.1:0", "--Kestrel:Certificates:Default:Path", file]);
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapGet("/", context => context.Response.WriteAsync(context.Request.Scheme));
        await app.StartAsync(TestContext.Current.CancellationToken);

        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString();
        using var client = new HttpClient(handler);

        (await client.GetStringAsync(new Uri(app.Urls.Single()), TestContext.Current.CancellationToken)).ShouldBe("https");

        folder.Delete(recursive: true);
    }

    [Fact]
    public void Of_the_console_of_a_service_nothing_is_said_until_it_says_it()
    {
        var builder = ServiceApplication.CreateBuilder([]);

        builder.UseConsoleLines(isRedirected: true);

        using var services = builder.Services.BuildServiceProvider();
        services.GetServices<ILoggerProvider>().ShouldHaveSingleItem().ShouldBeOfType<ConsoleLineProvider>();
    }
}

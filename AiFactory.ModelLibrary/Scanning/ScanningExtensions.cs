using AiFactory.ModelLibrary.Scanning.Gguf;

namespace AiFactory.ModelLibrary.Scanning;

internal static class ScanningExtensions
{
    internal static WebApplicationBuilder AddScanning(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<ScanOptions>().BindConfiguration("Scanning").ValidateDataAnnotations();
        builder.Services
            .AddSingleton(new GgufScanner(new GgufLimits()))
            .AddSingleton<ScanService>()
            .AddSingleton<ScanWorker>()
            .AddHostedService(services => services.GetRequiredService<ScanWorker>());
        return builder;
    }
}

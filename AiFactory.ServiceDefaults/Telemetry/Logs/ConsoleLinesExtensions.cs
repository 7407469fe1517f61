using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Telemetry.Logs;

internal static class ConsoleLinesExtensions
{
    /// <summary>
    /// Where the standard output is a file or a pipe and neither settings nor the program say anything of the console, its lines are written together. Else .NET's console logger stays: an
    /// engine's process sends its log to standard error, for its standard output is its worker's pipe.
    /// </summary>
    public static void UseConsoleLines(this IHostApplicationBuilder builder, bool isRedirected)
    {
        var isPlain = isRedirected
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"))
            && builder.Configuration.GetSection("Logging:Console").GetChildren().All(setting => setting.Key == "LogLevel")
            // AddConsole alone registers a type, which reads the settings; what a program says is an instance.
            && !builder.Services.Any(service => service.ServiceType == typeof(IConfigureOptions<ConsoleLoggerOptions>) && service.ImplementationInstance is not null);
        var usual = builder.Services.FirstOrDefault(service => service.ServiceType == typeof(ILoggerProvider) && service.ImplementationType == typeof(ConsoleLoggerProvider));
        if (isPlain && usual is not null)
        {
            builder.Services.Remove(usual);
            builder.Services.AddSingleton<ILoggerProvider>(_ => new ConsoleLineProvider(new ConsoleLines(System.Console.OpenStandardOutput())));
        }
    }
}

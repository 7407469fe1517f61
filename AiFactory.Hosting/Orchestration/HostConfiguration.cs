using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Hosting.Orchestration;

/// <summary>The AppHost's settings, the later the stronger: appsettings, user secrets, environment, command line.</summary>
internal static class HostConfiguration
{
    public static string EnvironmentName()
        => Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
            ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
            ?? Environments.Production;

    public static void Add(HostApplicationBuilder host, UserSecretsStore secrets, string[] args)
    {
        var configuration = host.Configuration;
        configuration.AddJsonFile("appsettings.json", optional: true);
        configuration.AddJsonFile($"appsettings.{host.Environment.EnvironmentName}.json", optional: true);
        if (secrets.FilePath is { } path)
        {
            configuration.AddJsonFile(path, optional: true);
        }

        configuration.AddEnvironmentVariables("DOTNET_");
        configuration.AddEnvironmentVariables();
        configuration.AddCommandLine([.. args.Where(a => a != "publish")]);
    }
}

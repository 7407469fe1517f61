using AiFactory.ServiceDefaults;

namespace AiFactory.Gateway.Console;

/// <summary>The server that builds the console from source as its files change (Vite), found at <c>services__web__http__0</c>.</summary>
internal static class DevelopmentServer
{
    public const string Name = "web";

    public static IServiceCollection AddDevelopmentServer(this IServiceCollection services)
    {
        services.AddServiceClient(Name)
            .ConfigureResilience(options => options.Enabled = false)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        return services;
    }
}

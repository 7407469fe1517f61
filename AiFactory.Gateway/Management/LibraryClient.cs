using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Management;

/// <summary>The library as the gateway calls it: each request once, with no timeout of its own, for the snapshot waits long and clients have theirs.</summary>
internal static class LibraryClient
{
    /// <summary>The service's name, resolved from <c>services__library__http__0</c>.</summary>
    public const string Name = "library";

    public static IServiceCollection AddLibraryClient(this IServiceCollection services)
    {
        services.AddServiceClient(Name)
            .WithServiceIdentity(Roles.Gateway)
            .ConfigureResilience(options => options.Enabled = false)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                ConnectTimeout = TimeSpan.FromSeconds(5),
            });
        return services;
    }
}

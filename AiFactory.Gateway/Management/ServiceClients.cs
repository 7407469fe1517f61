using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Management;

/// <summary>Our services as the gateway calls them: each request once, with no timeout of its own, for the snapshot waits long and clients have theirs.</summary>
internal static class ServiceClients
{
    /// <summary>Resolved from <c>services__library__http__0</c>.</summary>
    public const string Library = "library";

    /// <summary>Resolved from <c>services__builder__http__0</c>. A factory may go without it.</summary>
    public const string Builder = "builder";

    public static IServiceCollection AddServiceClients(this IServiceCollection services)
    {
        foreach (var name in (string[])[Library, Builder])
        {
            services.AddServiceClient(name)
                .WithServiceIdentity(Roles.Gateway)
                .ConfigureResilience(options => options.Enabled = false)
                .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    UseCookies = false,
                    UseProxy = false,
                    ConnectTimeout = TimeSpan.FromSeconds(5),
                });
        }

        return services;
    }
}

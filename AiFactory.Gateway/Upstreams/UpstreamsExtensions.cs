using AiFactory.ServiceDefaults.Secrets;

namespace AiFactory.Gateway.Upstreams;

internal static class UpstreamsExtensions
{
    public static IServiceCollection AddUpstreams(this IServiceCollection services)
    {
        services.AddCredentialSeal();
        services.AddSingleton<UpstreamRefusals>();
        return services;
    }
}

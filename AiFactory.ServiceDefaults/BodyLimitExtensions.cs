using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults;

public static class BodyLimitExtensions
{
    /// <summary>Bounds the bodies of all requests by one of the service's settings, which the 413 names.</summary>
    public static IServiceCollection AddBodyLimit<TOptions>(this IServiceCollection services, string setting, Func<TOptions, long> bytes)
        where TOptions : class
    {
        services.AddSingleton(provider => new BodyLimit(setting, bytes(provider.GetRequiredService<IOptions<TOptions>>().Value)));
        services.AddOptions<KestrelServerOptions>().Configure<BodyLimit>((kestrel, limit) => kestrel.Limits.MaxRequestBodySize = limit.Bytes);
        return services;
    }
}

using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Resilience;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ServiceDefaults;

public static class ServiceClientExtensions
{
    /// <summary>
    /// A named HttpClient with the base address <c>http://{name}</c>, resolved from <c>services:{name}:http:{i}</c> for each attempt, with the
    /// resilience of <see cref="ResilienceOptions"/>. A streamed answer (<see cref="HttpCompletionOption.ResponseHeadersRead"/>) is limited by no timeout after its headers.
    /// </summary>
    public static IHttpClientBuilder AddServiceClient(this IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        services.AddOptionsWithValidateOnStart<ResilienceOptions>(name);
        return services.AddHttpClient(name, client => client.BaseAddress = new Uri($"http://{name}"));
    }

    /// <summary>Calls in this service's own name: attaches its internal identity to each request that carries no <c>Authorization</c>.</summary>
    /// <param name="role">The service's role: <c>gateway</c> or <c>worker</c>.</param>
    public static IHttpClientBuilder WithServiceIdentity(this IHttpClientBuilder builder, string role)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddHttpMessageHandler(services =>
            new ServiceIdentityHandler(role, services.GetRequiredService<IdentityTokens>(), services.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Changes the timeouts, retries and circuit breaker of this client; the settings under <c>HttpClients:{name}</c> come after it.</summary>
    public static IHttpClientBuilder ConfigureResilience(this IHttpClientBuilder builder, Action<ResilienceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(builder.Name, configure);
        return builder;
    }
}

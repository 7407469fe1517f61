using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace AiFactory.ServiceDefaults.Discovery;

/// <summary>
/// Finds a service's addresses in <c>services:{name}:{scheme or endpoint name}:{i}</c>, as Aspire writes them:
/// <code>
/// http://library             services__library__http__0=http://localhost:41235
/// https+http://library       services__library__https__0, else services__library__http__0
/// http://_metrics.library    services__library__metrics__0
/// </code>
/// A host that is not configured is left to DNS, as a Kubernetes service name needs it.
/// </summary>
internal sealed class ServiceEndpointResolver : IDisposable
{
    private readonly IConfiguration _configuration;
    private readonly ConcurrentDictionary<(string Scheme, string Host), ServiceEndpoints?> _known = new();
    private readonly IDisposable _reload;

    public ServiceEndpointResolver(IConfiguration configuration)
    {
        _configuration = configuration;
        _reload = ChangeToken.OnChange(configuration.GetReloadToken, _known.Clear);
    }

    /// <summary>Null when the address names no configured service.</summary>
    public ServiceEndpoints? Resolve(Uri address)
    {
        // services__* never names a port: an address with one is meant as it stands.
        if (!address.IsDefaultPort && address.Port > 0)
        {
            return null;
        }

        return _known.GetOrAdd((address.Scheme, address.Host), static (key, self) => self.Read(key.Scheme, key.Host), this);
    }

    public void Dispose() => _reload.Dispose();

    private ServiceEndpoints? Read(string scheme, string host)
    {
        var (endpointName, service) = Split(host);
        string[] sections = endpointName is null ? scheme.Split('+') : [endpointName];
        foreach (var section in sections)
        {
            var endpoints = _configuration.GetSection($"services:{service}:{section}")
                .GetChildren()
                .Where(child => !string.IsNullOrWhiteSpace(child.Value))
                .Select(child => new ServiceEndpoint(Parse(child)))
                .ToArray();
            if (endpoints.Length > 0)
            {
                return new ServiceEndpoints(endpoints);
            }
        }

        return null;
    }

    private static (string? EndpointName, string Service) Split(string host)
    {
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return host.StartsWith('_') && dot > 1 ? (host[1..dot], host[(dot + 1)..]) : (null, host);
    }

    private static Uri Parse(IConfigurationSection setting) =>
        Uri.TryCreate(setting.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new InvalidOperationException($"The setting {setting.Path} is not an http or https address.");
}

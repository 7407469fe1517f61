using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Resilience;

/// <summary>
/// The pipeline limits the way to the headers; HttpClient's own timeout is left to limit a body that is read whole, which gets as long again.
/// A streamed body (<see cref="HttpCompletionOption.ResponseHeadersRead"/>) is limited by neither.
/// </summary>
internal sealed class HttpClientTimeout(IOptionsMonitor<ResilienceOptions> options) : IConfigureNamedOptions<HttpClientFactoryOptions>
{
    public void Configure(HttpClientFactoryOptions factory) => Configure(Options.DefaultName, factory);

    public void Configure(string? name, HttpClientFactoryOptions factory)
    {
        var resilience = options.Get(name);
        if (resilience.Enabled)
        {
            factory.HttpClientActions.Add(client => client.Timeout = resilience.TotalTimeout * 2);
        }
    }
}

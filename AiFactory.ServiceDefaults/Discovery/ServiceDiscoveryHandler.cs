using System.Diagnostics;

namespace AiFactory.ServiceDefaults.Discovery;

/// <summary>
/// Sends a request for a service to one of its addresses. One that refuses the connection has seen nothing of the request, so the next is asked, whatever the method.
/// </summary>
internal sealed class ServiceDiscoveryHandler(ServiceEndpointResolver resolver, TimeProvider time) : DelegatingHandler
{
    private static readonly TimeSpan AvoidAfterRefusal = TimeSpan.FromSeconds(2);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { } logical || resolver.Resolve(logical) is not { } endpoints)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var now = time.GetTimestamp();
        var order = endpoints.Order(now);
        try
        {
            for (var i = 0; ; i++)
            {
                request.RequestUri = Place(logical, order[i].Address);
                try
                {
                    return await base.SendAsync(request, cancellationToken);
                }
                catch (HttpRequestException error) when (IsRefusal(error))
                {
                    order[i].AvoidUntil(now + (long)(AvoidAfterRefusal.TotalSeconds * time.TimestampFrequency));
                    if (i + 1 == order.Length)
                    {
                        throw;
                    }

                    Activity.Current?.AddEvent(new ActivityEvent("connection refused", tags: new() { ["server.address"] = order[i].Address.Authority }));
                }
            }
        }
        finally
        {
            // The next attempt asks for the service again, not for this address.
            request.RequestUri = logical;
        }
    }

    private static bool IsRefusal(HttpRequestException error) =>
        error.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;

    /// <summary>The address may have a path of its own: <c>http://host/base</c> and <c>/v1/models</c> make <c>http://host/base/v1/models</c>.</summary>
    private static Uri Place(Uri logical, Uri address) =>
        new(address.GetLeftPart(UriPartial.Authority) + address.AbsolutePath.TrimEnd('/') + logical.PathAndQuery);
}

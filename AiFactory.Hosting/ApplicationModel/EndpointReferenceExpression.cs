using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue, IValueWithReferences
{
    public EndpointReference Endpoint { get; } = endpointReference;

    public EndpointProperty Property { get; } = property;

    public string ValueExpression => $"{{{Endpoint.Resource.Name}.bindings.{Endpoint.EndpointName}.{ManifestName}}}";

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    private string ManifestName => Property switch
    {
        EndpointProperty.IPV4Host => "host",
        EndpointProperty.HostAndPort => "hostAndPort",
        EndpointProperty.TargetPort => "targetPort",
        EndpointProperty.TlsEnabled => "tlsEnabled",
        _ => Property.ToString().ToLowerInvariant(),
    };

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
        => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        var annotation = Endpoint.EndpointAnnotation;
        if (Property == EndpointProperty.Scheme)
        {
            return annotation.UriScheme;
        }

        if (Property == EndpointProperty.TlsEnabled)
        {
            return annotation.TlsEnabled ? bool.TrueString : bool.FalseString;
        }

        if (Property == EndpointProperty.TargetPort)
        {
            var port = context.TargetPort?.Invoke(annotation) ?? annotation.TargetPort;
            return port?.ToString(CultureInfo.InvariantCulture) ?? throw new DistributedApplicationException(
                $"The target port of endpoint '{Endpoint.EndpointName}' of '{Endpoint.Resource.Name}' is known to that resource only.");
        }

        var allocated = await annotation.GetAllocatedAsync(cancellationToken);
        return Property switch
        {
            EndpointProperty.Url => allocated.UriString,
            EndpointProperty.Host => allocated.Address,
            EndpointProperty.IPV4Host => "127.0.0.1",
            EndpointProperty.Port => allocated.Port.ToString(CultureInfo.InvariantCulture),
            EndpointProperty.HostAndPort => allocated.EndPointString,
            _ => throw new InvalidOperationException($"The endpoint property '{Property}' is not supported."),
        };
    }
}

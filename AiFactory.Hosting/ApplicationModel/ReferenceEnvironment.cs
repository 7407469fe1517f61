using System.Globalization;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The variables by which a resource finds another (ASPIRE's service discovery and connection properties).</summary>
internal static class ReferenceEnvironment
{
    /// <summary><c>services__library__http__0</c> and <c>LIBRARY_HTTP</c> for each endpoint that is referenced.</summary>
    public static void AddEndpoints(EnvironmentCallbackContext context, EndpointReferenceAnnotation reference, string? name)
    {
        var service = name ?? reference.Resource.Name;
        foreach (var endpoint in reference.Resource.GetEndpoints())
        {
            if (!reference.EndpointNames.Contains(endpoint.EndpointName) && (!reference.UseAllEndpoints || endpoint.ExcludeReferenceEndpoint))
            {
                continue;
            }

            // A name that the caller gave is kept as it is written.
            var prefix = VariableName(name ?? service.ToUpperInvariant());
            context.EnvironmentVariables[$"{prefix}_{VariableName(endpoint.EndpointName.ToUpperInvariant())}"] = endpoint;

            var key = endpoint.IsHttpSchemeNamedEndpoint ? endpoint.Scheme : endpoint.EndpointName;
            for (var index = 0; ; index++)
            {
                if (context.EnvironmentVariables.TryAdd(string.Create(CultureInfo.InvariantCulture, $"services__{service}__{key}__{index}"), endpoint))
                {
                    break;
                }
            }
        }
    }

    /// <summary><c>ConnectionStrings__librarydb</c> and <c>LIBRARYDB_HOST</c>, ... for a resource with a connection string.</summary>
    public static void AddConnection(EnvironmentCallbackContext context, IResourceWithConnectionString source, string connectionName, bool optional)
    {
        var variable = source.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName}";
        context.EnvironmentVariables[variable] = new ConnectionStringReference(source, optional);
        foreach (var (property, value) in Properties(source))
        {
            context.EnvironmentVariables[$"{VariableName(connectionName).ToUpperInvariant()}_{VariableName(property).ToUpperInvariant()}"] = value;
        }
    }

    private static IEnumerable<KeyValuePair<string, ReferenceExpression>> Properties(IResourceWithConnectionString source)
        => source.GetConnectionProperties().Concat(source.Annotations.OfType<ConnectionPropertyAnnotation>().Select(p => KeyValuePair.Create(p.Name, p.Value)));

    // MODEL_LIBRARY of model-library.
    private static string VariableName(string name)
    {
        var builder = new StringBuilder(name.Length);
        if (char.IsAsciiDigit(name[0]))
        {
            builder.Append('_');
        }

        foreach (var c in name)
        {
            builder.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return builder.ToString();
    }
}

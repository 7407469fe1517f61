using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Kubernetes;

/// <summary>What a pod is told of its cluster: <c>KUBERNETES_SERVICE_HOST=10.96.0.1</c>, <c>KUBERNETES_SERVICE_PORT=443</c>, and the token's file.</summary>
internal sealed class KubernetesOptionsDefaults(IConfiguration configuration) : IPostConfigureOptions<KubernetesOptions>
{
    public void PostConfigure(string? name, KubernetesOptions options)
    {
        if (configuration["KUBERNETES_SERVICE_HOST"] is { Length: > 0 } host)
        {
            options.Server ??= new UriBuilder(Uri.UriSchemeHttps, host, configuration.GetValue("KUBERNETES_SERVICE_PORT", 443)).Uri;
        }

        options.Enabled ??= options.Server is not null && options.Namespaces.Count > 0 && File.Exists(options.TokenFile);
    }
}

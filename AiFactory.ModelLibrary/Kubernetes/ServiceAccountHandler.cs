using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Kubernetes;

/// <summary>Calls as the pod's service account. The token is read for each call: the kubelet writes another into its file long before it expires.</summary>
internal sealed class ServiceAccountHandler(IOptions<KubernetesOptions> options) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await File.ReadAllTextAsync(options.Value.TokenFile, cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        return await base.SendAsync(request, cancellationToken);
    }

    /// <summary>
    /// Connects to a server whose certificate the cluster's own authority has signed, and no other. HttpClientFactory makes another of these every two minutes: so the
    /// authority may change too. No proxy and no redirection is given the token.
    /// </summary>
    internal static SocketsHttpHandler Connect(KubernetesOptions options)
    {
        var trusted = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            trusted.CustomTrustStore.ImportFromPemFile(options.AuthorityFile);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // Then nothing is trusted, and the call says so; a handler that cannot be made would end the loop.
        }

        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trusted },
        };
    }
}

using AiFactory.Builder.Tools.Http;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Secrets;

/// <summary>Puts secrets into the headers of a call that is about to be made. What comes back of them is taken out again.</summary>
internal sealed class SecretVault(IOptions<SecretOptions> options)
{
    /// <exception cref="OutboundException">A secret is not there for this project, or not for this address.</exception>
    internal SecretHeaders Fill(string project, Uri url, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var filled = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (header, text) in headers)
        {
            filled[header] = SecretReferences.Fill(text, name =>
            {
                var value = Value(project, url, name);
                used.Add(value);
                return value;
            });
        }

        return new SecretHeaders(filled, used);
    }

    private string Value(string project, Uri url, string name)
    {
        if (!options.Value.Secrets.TryGetValue(name, out var secret) || !secret.IsFor(project))
        {
            throw new OutboundException($"There is no secret '{name}' for this project: who runs the factory can set Builder:Secrets:{name}.", isTransient: false);
        }

        return secret.MayGoTo(url)
            ? secret.Value
            : throw new OutboundException($"The secret '{name}' is not sent to '{url.Scheme}://{url.Authority}': Builder:Secrets:{name}:Hosts does not name it.", isTransient: false);
    }
}

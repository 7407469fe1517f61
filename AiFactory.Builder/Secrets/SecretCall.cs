using AiFactory.Builder.Templates;
using AiFactory.Builder.Tools.Http;
using AiFactory.ServiceDefaults.Outbound;

namespace AiFactory.Builder.Secrets;

/// <summary>The secrets of one call: filled in as it is made, and taken out of what comes back of it.</summary>
/// <param name="url">Where the call goes. Its host is known before a secret is, and no secret changes it.</param>
internal sealed class SecretCall(SecretOptions options, string project, Uri url)
{
    private readonly HashSet<SecretOptions.Secret> _used = [];

    internal bool IsUsed => _used.Count > 0;

    /// <exception cref="OutboundException">The secret is not there for this project, or not for this address.</exception>
    internal string Value(string name)
    {
        if (!options.Secrets.TryGetValue(name, out var secret) || !secret.IsFor(project))
        {
            throw new OutboundException($"There is no secret '{name}' for this project: who runs the factory can set Builder:Secrets:{name}.", isTransient: false);
        }

        if (!secret.MayGoTo(url))
        {
            throw new OutboundException($"The secret '{name}' is not sent to '{url.Scheme}://{url.Authority}': Builder:Secrets:{name}:Hosts does not name it.", isTransient: false);
        }

        _used.Add(secret);
        return secret.Value;
    }

    /// <exception cref="OutboundException">As of <see cref="Value"/>.</exception>
    internal Dictionary<string, string> Fill(IEnumerable<KeyValuePair<string, string>> headers)
    {
        var filled = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (header, text) in headers)
        {
            filled[header] = TemplateText.Fill(text, secret: Value);
        }

        return filled;
    }

    /// <summary>A service may repeat what it was sent, and an error the address: what is kept of either has no secret in it.</summary>
    internal string Clean(string text) => _used.Aggregate(text, (clean, secret) => secret.Forms.Replace(clean, SecretReferences.Hidden));

    /// <summary>Values are not printed, whoever logs this.</summary>
    public override string ToString() => $"{_used.Count} secrets for {url.Host}";
}

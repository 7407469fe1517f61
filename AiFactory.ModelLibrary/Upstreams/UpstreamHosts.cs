using AiFactory.ServiceDefaults.Upstreams;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Upstreams;

/// <summary>Which addresses upstreams may have: what the settings do not name is not called.</summary>
internal sealed class UpstreamHosts(IOptions<UpstreamsOptions> options)
{
    private const string Setting = $"{UpstreamsOptions.Section}:{nameof(UpstreamsOptions.AllowedHosts)}";

    private readonly List<AllowedHost> _allowed = [.. options.Value.AllowedHosts.Select(AllowedHost.TryParse).OfType<AllowedHost>()];

    /// <summary>Why this address may not be called; null when it may.</summary>
    internal string? Refuse(Uri address)
    {
        var named = _allowed.FindAll(host => host.Includes(address));
        if (named.Count == 0)
        {
            return $"Nothing calls the host '{address.IdnHost}' (port {address.Port}) unless the setting {Setting} names it.";
        }

        if (UpstreamConnector.IsLocal(address) && named.TrueForAll(host => host.Below))
        {
            return $"'{address.IdnHost}' is this machine, its link or its cloud's metadata: only the setting {Setting} with that very name allows it.";
        }

        return address.Scheme == Uri.UriSchemeHttps || named.Exists(host => host.Plain)
            ? null
            : $"Plain HTTP to '{address.IdnHost}' can be read and changed on its way: use https, or name the host with 'http://' in the setting {Setting}.";
    }
}

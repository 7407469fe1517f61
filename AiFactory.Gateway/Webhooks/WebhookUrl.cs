using System.Net;
using AiFactory.ServiceDefaults.Outbound;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Webhooks;

/// <summary>Where a webhook may go, as far as its address says so. What its name stands for is looked at when it is connected to, and only then.</summary>
internal sealed class WebhookUrl(OutboundConnector connector, IOptions<WebhookOptions> options)
{
    private const int Longest = 2048;

    /// <returns>What is wrong with it, in a sentence; null when nothing is.</returns>
    public string? Complaint(string text)
    {
        // What the database, or a request's first line, does not take, .NET takes into an address.
        if (text.Length > Longest || text.Any(char.IsControl) || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Fragment.Length > 0)
        {
            return $"'webhook' must be an http or https address of at most {Longest} characters, without a fragment or control characters.";
        }

        if (url.UserInfo.Length > 0)
        {
            return "'webhook' must not hold a user's name or password: its messages are signed.";
        }

        var isPrivate = url.IsLoopback || (IPAddress.TryParse(url.DnsSafeHost, out var address) && !connector.MayBeCalled(address));
        return isPrivate && !options.Value.Allows(url.DnsSafeHost, url.Port)
            ? $"'webhook' names '{url.Host}', which is not on the public internet. Who runs the factory can allow it with the settings Webhooks:AllowedHosts and Webhooks:AllowedNetworks."
            : null;
    }
}

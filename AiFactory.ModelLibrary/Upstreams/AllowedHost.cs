using System.Buffers;
using System.Globalization;

namespace AiFactory.ModelLibrary.Upstreams;

/// <summary>
/// A host that upstreams may have, as the settings name it:
/// <code>
/// api.example.com        HTTPS, any port
/// *.example.com:443      every host below example.com, that port
/// http://llm.internal    also without TLS
/// http://127.0.0.1:8000  an address of this machine or its link, which no pattern allows
/// </code>
/// </summary>
internal sealed record AllowedHost(string Host, int? Port, bool Below, bool Plain)
{
    private const string PlainPrefix = "http://";
    private const string TlsPrefix = "https://";
    private const string BelowPrefix = "*.";

    private static readonly SearchValues<char> OfNoHost = SearchValues.Create("/?#@*\\ ");

    /// <summary>Null when it is none.</summary>
    internal static AllowedHost? TryParse(string? text)
    {
        var rest = text?.Trim() ?? "";
        var plain = rest.StartsWith(PlainPrefix, StringComparison.OrdinalIgnoreCase);
        rest = plain ? rest[PlainPrefix.Length..] : rest.StartsWith(TlsPrefix, StringComparison.OrdinalIgnoreCase) ? rest[TlsPrefix.Length..] : rest;
        var below = rest.StartsWith(BelowPrefix, StringComparison.Ordinal);
        rest = below ? rest[BelowPrefix.Length..] : rest;
        if (rest.Length == 0 || rest.AsSpan().ContainsAny(OfNoHost) || !Uri.TryCreate($"{TlsPrefix}{rest}", UriKind.Absolute, out var address))
        {
            return null;
        }

        // Uri gives HTTPS's own port where none was written.
        var hasPort = rest.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{address.Port}"), StringComparison.Ordinal) && !rest.EndsWith(']');
        var isName = address.HostNameType is UriHostNameType.Dns;
        return address.HostNameType is UriHostNameType.Unknown or UriHostNameType.Basic || (below && !isName) ? null : new AllowedHost(HostOf(address), hasPort ? address.Port : null, below, plain);
    }

    internal bool Includes(Uri address) =>
        (Port is null || Port == address.Port) && (Below ? HostOf(address).EndsWith($".{Host}", StringComparison.Ordinal) : HostOf(address) == Host);

    /// <summary>A dot at its end says that a name is whole, and names the same host.</summary>
    internal static string HostOf(Uri address) => address.IdnHost.ToLowerInvariant().TrimEnd('.');
}

using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Upstreams;

internal sealed partial class UpstreamsOptionsValidator : IValidateOptions<UpstreamsOptions>
{
    /// <summary>What says who calls, to whom, or how long the body is: the gateway's to write, or a credential.</summary>
    private static readonly string[] Reserved =
    [
        "authorization", "proxy-authorization", "api-key", "x-api-key", "x-goog-api-key", "x-functions-key", "ocp-apim-subscription-key", "cookie", "host", "connection", "keep-alive", "te", "trailer", "upgrade",
        "transfer-encoding", "expect", "accept", "accept-encoding", "traceparent", "tracestate", "baggage", "x-request-id", "proxy-connection",
    ];

    private static readonly string[] ReservedPrefixes = ["content-", "x-aifactory-", "x-gateway-"];

    public ValidateOptionsResult Validate(string? name, UpstreamsOptions options)
    {
        List<string> faults =
        [
            .. options.AllowedHosts.Select((text, index) => (text, index)).Where(one => AllowedHost.TryParse(one.text) is null).Select(one => string.Create(
                CultureInfo.InvariantCulture,
                $"{UpstreamsOptions.Section}:{nameof(UpstreamsOptions.AllowedHosts)}:{one.index} must be a host as 'api.example.com', 'llm.internal:8443', '*.example.com', or with 'http://' before it where plain HTTP is allowed; it is '{one.text}'.")),
            .. options.AllowedHeaders.Select((name, index) => (name, index)).Where(one => !IsPossible(one.name)).Select(one => string.Create(
                CultureInfo.InvariantCulture,
                $"{ShownHeaders.Setting}:{one.index} must be the name of a header that the gateway does not write itself and that carries no credential, as 'x-tenant'; it is '{one.name}'.")),
        ];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static bool IsPossible(string name) => HeaderPattern().IsMatch(name)
        && !Reserved.Contains(name, StringComparer.OrdinalIgnoreCase) && !ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"\A[A-Za-z0-9-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderPattern();
}

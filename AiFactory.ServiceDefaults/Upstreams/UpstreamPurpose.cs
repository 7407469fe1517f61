namespace AiFactory.ServiceDefaults.Upstreams;

/// <summary>What an upstream's credential is sealed for: that upstream at that origin (RFC 6454), so that who can write to the database or the wire cannot have it sent elsewhere.</summary>
public static class UpstreamPurpose
{
    public static string Of(Guid upstream, Uri baseUrl)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        return $"upstream {upstream:D} {OriginOf(baseUrl)}";
    }

    /// <summary>For example <c>https://api.example.com:443</c>.</summary>
    public static string OriginOf(Uri baseUrl)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{baseUrl.Scheme}://{baseUrl.IdnHost.ToLowerInvariant()}:{baseUrl.Port}");
    }
}

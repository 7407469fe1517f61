using System.Text.Json.Serialization;

namespace Aspire.Hosting;

public sealed class LaunchSettings
{
    // Settable, because it is settable in Aspire.
#pragma warning disable CA2227
    [JsonPropertyName("profiles")]
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];
#pragma warning restore CA2227
}

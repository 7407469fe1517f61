using System.Text.Json.Serialization;

namespace Aspire.Hosting;

public sealed class LaunchProfile
{
    [JsonPropertyName("commandName")]
    public string? CommandName { get; set; }

    [JsonPropertyName("commandLineArgs")]
    public string? CommandLineArgs { get; set; }

    /// <summary>URLs separated by semicolons. A string, because it is one in Aspire.</summary>
    [JsonPropertyName("applicationUrl")]
    public string? ApplicationUrl { get; set; }

    // Settable, because it is settable in Aspire.
#pragma warning disable CA2227
    [JsonPropertyName("environmentVariables")]
    public Dictionary<string, string> EnvironmentVariables { get; set; } = [];
#pragma warning restore CA2227
}

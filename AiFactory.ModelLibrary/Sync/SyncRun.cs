using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Loops;
using AiFactory.ModelLibrary.Models;
using AiFactory.ModelLibrary.Sources;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Sync;

/// <summary>
/// One look at a source: what is there, what the rules let in, what of it is new. Every step is safe to repeat, so a sync that was killed
/// in the middle is simply run again.
/// </summary>
internal sealed class SyncRun(
    SourceStore sources,
    SyncStore syncs,
    ArtifactStore artifacts,
    VersionStore versions,
    Discovery discovery,
    SourceConnectors connectors,
    LibrarySignals signals,
    IOptions<SourcesOptions> options,
    TimeProvider time)
{
    internal async Task<SyncRow> RunAsync(SyncRow sync, CancellationToken cancellationToken)
    {
        if (await sources.FindByIdAsync(sync.SourceId, cancellationToken) is not { } source || connectors.Find(source.Kind) is not { } connector)
        {
            return sync with { State = SyncStates.Failed, Error = "The source is not there any more." };
        }

        var known = (await artifacts.ListAsync(source.Id, cancellationToken)).ToDictionary(artifact => artifact.Path, StringComparer.Ordinal);
        var failed = sync.RequestedBy == SyncService.Schedule ? [] : (await versions.ListFailedAsync(source.Id, cancellationToken)).ToHashSet();
        var rules = SourceRules.Create(source.NamePattern, source.TagFilter);
        var found = new List<SourceArtifact>();
        var present = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var artifact in connector.ListAsync(source.Location, cancellationToken))
        {
            present.Add(artifact.Path);
            found.Add(artifact);
        }

        var allowed = found.Where(rules.Allow).ToList();
        var (single, ambiguous) = Split(allowed);
        var (added, waiting) = (0, false);
        foreach (var artifact in single)
        {
            // What failed is taken up again when a person asks for it; the schedule would fail for ever.
            var last = known.GetValueOrDefault(artifact.Path);
            last = last?.VersionId is { } version && failed.Contains(version) ? last with { VersionId = null } : last;
            switch (await TakeAsync(connector, source, sync, artifact, last, cancellationToken))
            {
                case Step.Added:
                    added++;
                    signals.Copy.Raise();
                    break;
                case Step.Waiting:
                    waiting = true;
                    break;
            }
        }

        await artifacts.RemoveAsync(source.Id, [.. known.Keys.Where(path => !present.Contains(path))], cancellationToken);
        if (waiting)
        {
            await syncs.HastenAsync(source.Id, time.GetUtcNow() + options.Value.SettleTime, cancellationToken);
        }

        return sync with
        {
            State = SyncStates.Succeeded,
            Error = ambiguous.Count == 0 ? null : string.Join(" ", ambiguous),
            Discovered = single.Count,
            Added = added,
            Skipped = found.Count - single.Count,
        };
    }

    /// <summary>A model's tag is one file: where two claim to be it, neither is taken and the sync says so.</summary>
    private static (List<SourceArtifact> Single, List<string> Ambiguous) Split(List<SourceArtifact> allowed)
    {
        var groups = allowed.GroupBy(artifact => (artifact.Model, artifact.Tag)).ToList();
        return (
            [.. groups.Where(group => group.Count() == 1).Select(group => group.First())],
            [.. groups
                .Where(group => group.Count() > 1)
                .Select(group => $"Passed over: {string.Join(" and ", group.Select(artifact => artifact.Path))} are both model {group.Key.Model}, tag {group.Key.Tag}.")]);
    }

    private async Task<Step> TakeAsync(
        ISourceConnector connector, SourceRow source, SyncRow sync, SourceArtifact artifact, ArtifactRow? known, CancellationToken cancellationToken)
    {
        // 1. Unchanged since it became a version: nothing to do.
        var same = known is not null && known.SizeBytes == artifact.Size && known.ModifiedAt == artifact.ModifiedAt;
        if (same && known?.VersionId is not null)
        {
            return Step.Known;
        }

        // 2. Changed a moment ago: it may still be written. It is remembered, and looked at again.
        var now = time.GetUtcNow();
        var seen = new ArtifactRow
        {
            SourceId = source.Id,
            Path = artifact.Path,
            SizeBytes = artifact.Size,
            ModifiedAt = artifact.ModifiedAt,
            SeenAt = same && known is not null ? known.SeenAt : now,
        };
        var quietSince = artifact.ModifiedAt < seen.SeenAt ? artifact.ModifiedAt : seen.SeenAt;
        if (now - quietSince < options.Value.SettleTime)
        {
            await artifacts.SaveAsync(seen, cancellationToken);
            return Step.Waiting;
        }

        // 3. A tag that has had bytes before is a new version only if these are other bytes.
        if (await versions.FindLastAsync(source.Project, artifact.Model, artifact.Tag, cancellationToken) is { } last && last.State != ModelVersionStates.Failed)
        {
            if (last.Digest is null || await DigestAsync(connector, source, artifact, cancellationToken) is not { } digest)
            {
                await artifacts.SaveAsync(seen, cancellationToken);
                return Step.Waiting;
            }

            if (digest == last.Digest)
            {
                await artifacts.SaveAsync(seen with { VersionId = last.Id }, cancellationToken);
                return Step.Known;
            }
        }

        await discovery.AddAsync(source, sync, artifact, seen, cancellationToken);
        return Step.Added;
    }

    private static async Task<string?> DigestAsync(ISourceConnector connector, SourceRow source, SourceArtifact artifact, CancellationToken cancellationToken)
    {
        await using var open = await connector.OpenAsync(source.Location, artifact.Path, cancellationToken);
        return open is null ? null : ContentHash.Digest((await ContentHash.ComputeAsync(open.Stream, cancellationToken)).Hex);
    }

    private enum Step
    {
        Known,
        Waiting,
        Added,
    }
}

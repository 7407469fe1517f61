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
        var files = new List<SourceFile>();
        await foreach (var file in connector.ListAsync(source.Location, cancellationToken))
        {
            files.Add(file);
        }

        var found = SourceArtifact.Gather(files);
        var (single, passedOver) = Split([.. found.Where(rules.Allow)]);
        var (added, waiting) = (0, false);
        foreach (var artifact in single)
        {
            // What failed is taken up again when a person asks for it; the schedule would fail for ever.
            var now = time.GetUtcNow();
            var seen = artifact.Files.Select(file => See(source, file, known.GetValueOrDefault(file.Path), failed, now)).ToList();
            switch (await TakeAsync(connector, source, sync, artifact, seen, now, cancellationToken))
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

        await artifacts.RemoveAsync(source.Id, [.. known.Keys.Except(files.Select(file => file.Path), StringComparer.Ordinal)], cancellationToken);
        if (waiting)
        {
            await syncs.HastenAsync(source.Id, time.GetUtcNow() + options.Value.SettleTime, cancellationToken);
        }

        return sync with
        {
            State = SyncStates.Succeeded,
            Error = passedOver.Count == 0 ? null : string.Join(" ", passedOver),
            Discovered = single.Count,
            Added = added,
            Skipped = found.Count - single.Count,
        };
    }

    /// <summary>A model's tag is one artifact, all files of it: where two claim to be it, or a file is not there, nothing is taken and the sync says so.</summary>
    private static (List<SourceArtifact> Single, List<string> PassedOver) Split(List<SourceArtifact> allowed)
    {
        var groups = allowed.GroupBy(artifact => (artifact.Model, artifact.Tag)).ToList();
        return (
            [.. groups.Where(group => group.Count() == 1).Select(group => group.First()).Where(artifact => Refuse(artifact) is null)],
            [
                .. groups
                    .Where(group => group.Count() > 1)
                    .Select(group => $"Passed over: {string.Join(" and ", group.Select(artifact => artifact.Path))} are both model {group.Key.Model}, tag {group.Key.Tag}."),
                .. allowed.Select(Refuse).OfType<string>(),
            ]);
    }

    /// <summary>Null for an artifact that can be taken.</summary>
    private static string? Refuse(SourceArtifact artifact)
    {
        var count = artifact.Files.Count + artifact.LackingCount;
        var more = artifact.LackingCount - artifact.Lacking.Count;
        var why = count > SplitName.Most ? $"; {SplitName.Most} are the most"
            : artifact.LackingCount > 0 ? $" and lacks {string.Join(", ", artifact.Lacking)}{(more > 0 ? $" and {more} more" : "")}"
            : null;
        return why is null ? null : $"Passed over: model {artifact.Model}, tag {artifact.Tag}, comes in {count} files{why}.";
    }

    /// <summary>A file as it is now, with what is known of it while it is as it was.</summary>
    private static ArtifactRow See(SourceRow source, SourceFile file, ArtifactRow? known, HashSet<Guid> failed, DateTimeOffset now)
    {
        var same = known is not null && known.SizeBytes == file.Size && known.ModifiedAt == file.ModifiedAt ? known : null;
        return new ArtifactRow
        {
            SourceId = source.Id,
            Path = file.Path,
            SizeBytes = file.Size,
            ModifiedAt = file.ModifiedAt,
            SeenAt = same?.SeenAt ?? now,
            VersionId = same?.VersionId is { } version && !failed.Contains(version) ? version : null,
        };
    }

    private async Task<Step> TakeAsync(
        ISourceConnector connector, SourceRow source, SyncRow sync, SourceArtifact artifact, List<ArtifactRow> seen, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // 1. Unchanged since all its files became one version: nothing to do.
        if (seen[0].VersionId is { } version && seen.All(file => file.VersionId == version))
        {
            return Step.Known;
        }

        // 2. Changed a moment ago: it may still be written. It is remembered, and looked at again.
        var quietSince = seen.Max(file => file.ModifiedAt < file.SeenAt ? file.ModifiedAt : file.SeenAt);
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
                await artifacts.SaveAsync(seen.Select(file => file with { VersionId = last.Id }), cancellationToken);
                return Step.Known;
            }
        }

        await discovery.AddAsync(source, sync, artifact, seen, cancellationToken);
        return Step.Added;
    }

    private static async Task<string?> DigestAsync(ISourceConnector connector, SourceRow source, SourceArtifact artifact, CancellationToken cancellationToken)
    {
        var hexes = new List<string>();
        foreach (var file in artifact.Files)
        {
            await using var open = await connector.OpenAsync(source.Location, file.Path, cancellationToken);
            if (open is null)
            {
                return null;
            }

            hexes.Add((await ContentHash.ComputeAsync(open.Stream, cancellationToken)).Hex);
        }

        return ContentHash.Digest(hexes);
    }

    private enum Step
    {
        Known,
        Waiting,
        Added,
    }
}

using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.References;

/// <summary>
/// Whether something still names what goes away: requests would be answered by another than was said, or rules have nobody to judge. Asked in the transaction that has done it, under the lock of
/// the project's names, which whoever names something takes too: nobody begins to name it between this look and the commit.
/// </summary>
internal static class ReferenceCheck
{
    /// <summary>As many are told by name.</summary>
    private const int MostTold = 8;

    /// <returns>Who names them, and the way out; null where nobody does.</returns>
    internal static async Task<string?> ObjectAsync(
        DatabaseTransaction transaction, string project, IReadOnlyCollection<LostTarget> lost, InternalIdentity caller, CancellationToken cancellationToken)
    {
        if (lost.Count == 0)
        {
            return null;
        }

        var outside = lost.Where(target => target.ForOthersOnly).Select(target => target.Id).ToHashSet();
        var rows = await ReferenceStore.ListAsync(transaction, project, lost, cancellationToken);
        string[] told = [.. rows.Where(row => row.Project != project || !outside.Contains(row.Target)).Select(row => Words(row, project, caller)).Distinct(StringComparer.Ordinal)];
        return told.Length == 0 ? null : $"It is needed: {string.Join("; ", told.Take(MostTold))}{(told.Length > MostTold ? $"; and {told.Length - MostTold} more" : "")}. Change that first.";
    }

    private static string Words(ReferenceRow row, string project, InternalIdentity caller) => row.Kind switch
    {
        ReferenceKinds.Split => $"'{row.Name}' answers requests of '{row.By}' (traffic.splits; a rollout gives them to another)",
        ReferenceKinds.Fallback => $"'{row.By}' falls back to '{row.Name}' (traffic.fallbacks)",
        ReferenceKinds.Shadow => $"'{row.By}' sends copies to '{row.Name}' (traffic.shadow)",
        ReferenceKinds.Embeddings => $"'{row.By}' finds near questions by '{row.Name}' (cache.semantic.embeddings)",
        // What rules another project has is its own.
        _ when row.Project is { } other && other != project && !caller.CoversProject(other) => $"a rule of another project has '{row.Name}' judge (whoever acts for the whole factory is told whose, and may change it)",
        _ => $"the rule '{row.By}' of {LevelOf(row)} has '{row.Name}' judge",
    };

    private static string LevelOf(ReferenceRow row) => row switch
    {
        { Project: null } => "the whole factory",
        { Deployment: { } deployment } => $"'{deployment}' in the project '{row.Project}'",
        _ => $"the project '{row.Project}'",
    };
}

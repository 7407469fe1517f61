namespace AiFactory.Gateway.Caching;

/// <summary>An answer that is kept.</summary>
/// <param name="Project">Whose callers asked for it, and get it; empty for callers of the whole factory who named none.</param>
/// <param name="Deployment">The one that answered.</param>
/// <param name="Body">The whole answer's JSON.</param>
internal sealed record CacheEntry(CacheKind Kind, string Project, Guid Deployment, byte[] Body, DateTimeOffset StoredAt, DateTimeOffset ExpiresAt)
{
    /// <summary>What an entry takes beside its bytes: its node, its place in the table, itself.</summary>
    private const int Overhead = 256;

    public long Size => Body.Length + Overhead;
}

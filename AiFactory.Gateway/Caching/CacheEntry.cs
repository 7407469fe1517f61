namespace AiFactory.Gateway.Caching;

/// <summary>An answer that is kept.</summary>
/// <param name="Project">Whose callers asked for it, and get it; empty for callers of the whole factory who named none.</param>
/// <param name="Deployment">The one that answered.</param>
/// <param name="Body">The whole answer's JSON, or a vector as the answer had it: <c>[0.1,0.2]</c>, or a text in base64.</param>
/// <param name="Tokens">Of a text that was embedded; 0 of an answer, which tells its own.</param>
internal sealed record CacheEntry(CacheKind Kind, string Project, Guid Deployment, byte[] Body, int Tokens, DateTimeOffset StoredAt, DateTimeOffset ExpiresAt)
{
    /// <summary>What an entry takes beside its bytes: its node, its place in the table, itself.</summary>
    private const int Overhead = 256;

    public long Size => Body.Length + Overhead;
}

using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Builder.Knowledge.Seeding;

/// <summary>What the seed has done. It does nothing twice, so that what a person changed or took away stays as it is.</summary>
internal sealed class KnowledgeSeedStore(Database database)
{
    /// <summary>The entry of the base itself.</summary>
    internal const string Base = "";

    internal async Task<IReadOnlyDictionary<string, string>> ListAsync(string project, string name, CancellationToken cancellationToken) =>
        (await database.QueryAsync<SeedRow>(
            "select path, digest from knowledge_seeds where project = @project and name = @name", new { project, name }, cancellationToken))
        .ToDictionary(row => row.Path, row => row.Digest, StringComparer.Ordinal);

    internal Task SaveAsync(string project, string name, string path, string digest, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            insert into knowledge_seeds (project, name, path, digest, seeded_at) values (@project, @name, @path, @digest, @at)
            on conflict (project, name, path) do update set digest = excluded.digest, seeded_at = excluded.seeded_at
            """,
            new { project, name, path, digest, at },
            cancellationToken);

    internal Task RemoveAsync(string project, string name, string path, CancellationToken cancellationToken) =>
        database.ExecuteAsync("delete from knowledge_seeds where project = @project and name = @name and path = @path", new { project, name, path }, cancellationToken);

    private sealed record SeedRow
    {
        public required string Path { get; init; }

        public required string Digest { get; init; }
    }
}

using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.Gateway.Images;

internal sealed class ImageStore(Database database)
{
    /// <summary>Before its object is stored, so that what a gateway that dies leaves behind is found.</summary>
    internal Task InsertAsync(Guid id, string project, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        database.ExecuteAsync("insert into images (id, project, expires_at) values (@id, @project, @expiresAt)", new { id, project, expiresAt }, cancellationToken);

    internal Task<IReadOnlyList<Guid>> ExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Guid>("select id from images where expires_at <= @now order by expires_at limit @limit", new { now, limit }, cancellationToken);

    internal Task TouchAsync(CancellationToken cancellationToken) => ExpiredAsync(DateTimeOffset.MinValue, 1, cancellationToken);

    internal Task RemoveAsync(Guid id, CancellationToken cancellationToken) => database.ExecuteAsync("delete from images where id = @id", new { id }, cancellationToken);
}

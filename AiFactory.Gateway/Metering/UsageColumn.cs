using Npgsql;
using NpgsqlTypes;

namespace AiFactory.Gateway.Metering;

/// <summary>A column of the ledger, with what a row has there.</summary>
internal abstract class UsageColumn(string name, NpgsqlDbType type)
{
    public static IReadOnlyList<UsageColumn> All { get; } =
    [
        Uuid("id", row => row.Id),
        Time("at", row => row.At),
        Text("project", row => row.Project),
        Uuid("key_id", row => row.KeyId),
        Text("subject", row => row.Subject),
        Text("operation", row => row.Operation),
        Text("requested_model", row => row.RequestedModel),
        Text("deployment", row => row.Deployment),
        Uuid("deployment_id", row => row.DeploymentId),
        Text("model", row => row.Model),
        Integer("model_version", row => row.ModelVersion),
        Text("replica", row => row.Replica),
        Text("request_id", row => row.RequestId),
        Boolean("stream", row => row.Stream),
        Integer("attempts", row => row.Attempts),
        Bigint("prompt_tokens", row => row.PromptTokens),
        Bigint("cached_tokens", row => row.CachedTokens),
        Bigint("completion_tokens", row => row.CompletionTokens),
        Boolean("estimated", row => row.Estimated),
        Text("outcome", row => row.Outcome),
        Text("error", row => row.Error),
        Integer("status", row => row.Status),
        Bigint("queued_micros", row => row.QueuedMicros),
        Bigint("first_token_micros", row => row.FirstTokenMicros),
        Bigint("total_micros", row => row.TotalMicros),
        Bigint("cost_micros", row => row.CostMicros),
        Text("price_version", row => row.PriceVersion),
        Text("cache", row => row.Cache),
        Text("guardrails", row => row.Guardrails),
        Bigint("images", row => row.Images),
        Uuid("variant", row => row.Variant),
        Time("rollout_step", row => row.RolloutStep),
    ];

    public string Name => name;

    /// <summary>As SQL names it.</summary>
    public string Type { get; } = type.ToString().ToLowerInvariant();

    /// <summary>Of a batch, as a parameter.</summary>
    public abstract Array Of(UsageRow[] rows);

    public abstract Task WriteAsync(NpgsqlBinaryImporter import, UsageRow row, CancellationToken cancellationToken);

    private static TextColumn Text(string name, Func<UsageRow, string?> of) => new(name, of);

    private static ValueColumn<Guid> Uuid(string name, Func<UsageRow, Guid?> of) => new(name, NpgsqlDbType.Uuid, of);

    private static ValueColumn<DateTimeOffset> Time(string name, Func<UsageRow, DateTimeOffset?> of) => new(name, NpgsqlDbType.TimestampTz, of);

    private static ValueColumn<int> Integer(string name, Func<UsageRow, int?> of) => new(name, NpgsqlDbType.Integer, of);

    private static ValueColumn<long> Bigint(string name, Func<UsageRow, long?> of) => new(name, NpgsqlDbType.Bigint, of);

    private static ValueColumn<bool> Boolean(string name, Func<UsageRow, bool?> of) => new(name, NpgsqlDbType.Boolean, of);

    private sealed class TextColumn(string name, Func<UsageRow, string?> of) : UsageColumn(name, NpgsqlDbType.Text)
    {
        public override Array Of(UsageRow[] rows) => Array.ConvertAll(rows, row => of(row));

        public override Task WriteAsync(NpgsqlBinaryImporter import, UsageRow row, CancellationToken cancellationToken) =>
            of(row) is { } value ? import.WriteAsync(value, NpgsqlDbType.Text, cancellationToken) : import.WriteNullAsync(cancellationToken);
    }

    private sealed class ValueColumn<T>(string name, NpgsqlDbType type, Func<UsageRow, T?> of) : UsageColumn(name, type)
        where T : struct
    {
        private readonly NpgsqlDbType _type = type;

        public override Array Of(UsageRow[] rows) => Array.ConvertAll(rows, row => of(row));

        public override Task WriteAsync(NpgsqlBinaryImporter import, UsageRow row, CancellationToken cancellationToken) =>
            of(row) is { } value ? import.WriteAsync(value, _type, cancellationToken) : import.WriteNullAsync(cancellationToken);
    }
}

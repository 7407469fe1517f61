using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.Limits;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Dapper;
using Npgsql;

namespace AiFactory.Gateway.Tests.Metering;

/// <summary>How records come into the ledger: copied, and one by one where the database has some of them.</summary>
public sealed class UsageStoreTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 11, 1, 12, 0, 0, 123, 456, TimeSpan.Zero);

    private Ledger _ledger = null!; // Set before each test.
    private NpgsqlDataSource _source = null!; // Likewise.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private UsageStore Store => new(new Database(_source, TimeProvider.System));

    public async ValueTask InitializeAsync()
    {
        _ledger = await Ledger.CreateAsync(postgres);
        _source = NpgsqlDataSource.Create($"{_ledger.ConnectionString};Maximum Pool Size=1"); // the next statement has the connection of the one before
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    [Fact]
    public async Task All_of_a_record_comes_back_as_it_went_whether_it_was_copied_or_not()
    {
        var (whole, bare) = (Whole(), Row());
        await Store.InsertAsync([whole, bare], Token);
        (await _ledger.RowsAsync()).ShouldBe([whole, bare], ignoreOrder: true);

        var (second, third) = (Whole(), Row());
        await Store.InsertAsync([whole, second, third], Token); // of which one is there
        (await _ledger.RowsAsync()).ShouldBe([whole, bare, second, third], ignoreOrder: true);
    }

    [Fact]
    public async Task A_record_is_there_once_and_charged_once_however_often_it_comes()
    {
        var (limit, holder) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var rows = Enumerable.Range(0, 4).Select(_ => Row() with { Charges = [new Charge(holder, limit, "user:ada", At, DateTimeOffset.MaxValue, 10)] }).ToArray();
        await Store.InsertAsync(rows[..2], Token);
        await Store.InsertAsync(rows[..2], Token);
        await Store.InsertAsync([rows[1], rows[2], rows[2], rows[3]], Token);
        (await _ledger.RowsAsync()).Select(row => row.Id).ShouldBe(rows.Select(row => row.Id), ignoreOrder: true);
        (await _ledger.FiguresAsync()).Spent.ShouldBe(40);
    }

    [Fact]
    public async Task Of_a_batch_with_one_that_the_table_never_takes_nothing_is_there_and_the_others_can_come()
    {
        var (good, bad) = (Row(), Row() with { Outcome = "nobody knows" });
        var refused = await Should.ThrowAsync<PostgresException>(() => Store.InsertAsync([good, bad], Token));
        Loop.IsForItsValues(refused).ShouldBeTrue();
        (await _ledger.RowsAsync()).ShouldBeEmpty();
        await Store.InsertAsync([good], Token);
        (await _ledger.RowsAsync()).ShouldBe([good]);
    }

    [Fact]
    public async Task Who_was_told_to_stop_leaves_nothing_and_a_connection_that_serves_on()
    {
        using var stopped = new CancellationTokenSource();
        await using (await _ledger.CloseAsync())
        {
            var waits = Store.InsertAsync([Row()], stopped.Token);
            stopped.CancelAfter(200);
            await Should.ThrowAsync<OperationCanceledException>(waits);
        }

        await Store.InsertAsync([Row()], Token);
        (await _ledger.RowsAsync()).Count.ShouldBe(1);
    }

    /// <summary>What is copied is not cast: a column whose type changed would be refused, or, worse, take what it was sent for something else. It gets a new name instead.</summary>
    [Fact]
    public async Task Every_column_is_copied_as_the_type_that_it_has()
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        var columns = await connection.QueryAsync<(string Name, string Type)>("select column_name, udt_name from information_schema.columns where table_schema = 'public' and table_name = 'usage'");
        columns.Select(column => (column.Name, column.Type switch { "int4" => "integer", "int8" => "bigint", "bool" => "boolean", var type => type }))
            .ShouldBe(UsageColumn.All.Select(column => (column.Name, column.Type)), ignoreOrder: true);
    }

    private static UsageRow Row() => new()
    {
        Id = Guid.CreateVersion7(), At = At, Project = "default", Subject = "user:ada", Operation = "chat", RequestedModel = "demo-chat", Deployment = "demo-chat", RequestId = "r",
        Stream = false, Attempts = 1, Estimated = false, Outcome = "answered", Status = 200, QueuedMicros = 0, TotalMicros = 5,
    };

    private static UsageRow Whole() => Row() with
    {
        KeyId = Guid.CreateVersion7(), DeploymentId = Guid.CreateVersion7(), Model = "möd\"el", ModelVersion = 3, Replica = "http://w:1", Stream = true, PromptTokens = 1, CachedTokens = 0, CompletionTokens = long.MaxValue,
        Estimated = true, Outcome = "failed", Error = "upstream\nbroke", FirstTokenMicros = 7, CostMicros = -1, PriceVersion = "v", Cache = "hit", Guardrails = "pii", Images = 2, Variant = Guid.CreateVersion7(), RolloutStep = At.AddHours(1),
    };
}

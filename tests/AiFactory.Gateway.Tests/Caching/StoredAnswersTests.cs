using System.Net;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AiFactory.Gateway.Tests.Caching;

/// <summary>What all gateways have.</summary>
public sealed class StoredAnswersTests(PostgresFixture postgres)
{
    private const string Body = """{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}],"temperature":0}""";
    private const string Texts = """{"model":"embed","input":["a","b"]}""";
    private const string OperatorKey = "aif_operator0000000000000000000000000000000000";

    [Fact]
    public async Task What_a_gateway_answered_that_was_killed_another_has()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbeddingCacheTests.EmbeddingAsync();
        var plan = Both(chat, embed);
        await using var library = await FakeLibrary.StartedAsync(plan.Snapshot());
        await using var first = new GatewayProcess(library, ledger.Setting, Patient);
        await first.StartAsync();
        (await MarkAsync(first.Client, "/v1/chat/completions", Body)).ShouldBe("miss");
        (await MarkAsync(first.Client, "/v1/embeddings", Texts)).ShouldBe("miss");
        await StoredAsync(ledger, 3);

        first.Kill();
        await using var second = await GatewayUnderTest.StartAsync(plan, ledger.Setting, Patient);
        await HasDatabaseAsync(second);

        (await MarkAsync(second.Client, "/v1/chat/completions", Body)).ShouldBe("hit");
        (await MarkAsync(second.Client, "/v1/embeddings", Texts)).ShouldBe("hit");
        (chat.Seen.Count, embed.Seen.Count).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_database_that_is_away_is_a_miss_and_no_error()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        var direct = new NpgsqlConnectionStringBuilder(ledger.ConnectionString);
        await using var forwarder = new TcpForwarder(direct.Port);
        direct.Port = forwarder.Port;
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbeddingCacheTests.EmbeddingAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Both(chat, embed), ("ConnectionStrings:gatewaydb", direct.ConnectionString));
        using (var purge = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Delete, "/api/cache", Plan.AdminKey)))
        {
            purge.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, "another gateway would go on giving what this one forgets");
        }

        // What waits until the database is there, is stored then.
        (await MarkAsync(gateway.Client, "/v1/embeddings", Texts)).ShouldBe("miss");
        forwarder.Open();
        await StoredAsync(ledger, 2);

        await forwarder.CloseAsync();

        (await MarkAsync(gateway.Client, "/v1/chat/completions", Body)).ShouldBe("miss");
        (await MarkAsync(gateway.Client, "/v1/chat/completions", Body)).ShouldBe("hit", "from memory");
        (await MarkAsync(gateway.Client, "/v1/embeddings", Texts)).ShouldBe("hit");
        forwarder.Open();
    }

    [Fact]
    public async Task What_is_purged_at_one_gateway_is_gone_from_all_for_those_who_are_meant()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbeddingCacheTests.EmbeddingAsync();
        var plan = Both(chat, embed);
        plan = plan with { Keys = [.. plan.Keys, plan.Keys[1] with { Id = Guid.CreateVersion7(), Roles = ["operator"], Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(OperatorKey))) }] };
        await using var one = await GatewayUnderTest.StartAsync(plan, ledger.Setting);
        await using var other = await GatewayUnderTest.StartAsync(plan, new Ahead(), ledger.Setting, ("Caching:PurgeInterval", "00:00:00.020"));
        foreach (var gateway in (GatewayUnderTest[])[other, one])
        {
            await MarkAsync(gateway.Client, "/v1/chat/completions", Body);
            await MarkAsync(gateway.Client, "/v1/embeddings", Texts);
            await StoredAsync(ledger, 3);
        }

        (await DeleteAsync("/api/cache", Plan.ViewerKey)).ShouldBe((HttpStatusCode.Forbidden, null));
        (await DeleteAsync("/api/cache?project=other", OperatorKey)).ShouldBe((HttpStatusCode.Forbidden, null));
        (await DeleteAsync("/api/cache?deployment=none", OperatorKey)).ShouldBe((HttpStatusCode.NotFound, null));
        (await DeleteAsync("/api/cache?deployment=embed", Plan.AdminKey)).ShouldBe((HttpStatusCode.BadRequest, null));
        (await DeleteAsync("/api/cache?deployment=embed", OperatorKey)).ShouldBe((HttpStatusCode.OK, """{"removed":2}"""));

        (await MarkAsync(one.Client, "/v1/embeddings", Texts)).ShouldBe("miss");
        (await MarkAsync(one.Client, "/v1/chat/completions", Body)).ShouldBe("hit", "of another deployment");
        var memory = other.Services.GetRequiredService<CacheMemory>();
        await GatewayUnderTest.UntilAsync(() => memory.CountOf(CacheKind.Embedding) == 0);
        memory.CountOf(CacheKind.Response).ShouldBe(1);

        async Task<(HttpStatusCode Status, string? Body)> DeleteAsync(string path, string key)
        {
            using var response = await one.SendAsync(GatewayUnderTest.Request(HttpMethod.Delete, path, key));
            return (response.StatusCode, response.IsSuccessStatusCode ? await GatewayUnderTest.TextAsync(response) : null);
        }
    }

    [Fact]
    public async Task A_gateway_that_starts_after_a_purge_forgets_what_was_made_before_it_alone()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbeddingCacheTests.EmbeddingAsync();
        var clock = new Ahead();
        await using var gateway = await GatewayUnderTest.StartAsync(Both(chat, embed), clock, ledger.Setting, Patient, ("Caching:PurgeInterval", "01:00:00"));
        await HasDatabaseAsync(gateway);
        using (var purge = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Delete, "/api/cache", Plan.AdminKey)))
        {
            purge.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await using var source = NpgsqlDataSource.Create(ledger.ConnectionString);
        await using var earlier = source.CreateCommand("update cache_purges set before = before - interval '10 minutes'");
        (await earlier.ExecuteNonQueryAsync(Token)).ShouldBe(1);

        // Of two answers that came into the database after the purge, one was made before it.
        var store = gateway.Services.GetRequiredService<CacheStore>();
        var now = clock.GetUtcNow();
        await store.PutAsync([CacheRow.From(Key(1), new CacheEntry(CacheKind.Response, "p", Guid.Empty, [1], 0, now.AddMinutes(-20), now.AddHours(1)))], Token);
        (await MarkAsync(gateway.Client, "/v1/chat/completions", Body)).ShouldBe("miss");
        await StoredAsync(ledger, 2);

        await ActivatorUtilities.CreateInstance<CacheKeeper>(gateway.Services).RunOnceAsync(Token);

        (await store.FindAsync([Key(1).ToBytes()], now, Token)).ShouldBeEmpty();
        gateway.Services.GetRequiredService<CacheMemory>().CountOf(CacheKind.Response).ShouldBe(0);
        (await MarkAsync(gateway.Client, "/v1/chat/completions", Body)).ShouldBe("hit", "from the database");
    }

    [Fact]
    public async Task The_second_level_forgets_what_is_past_its_time_and_then_what_was_stored_longest_ago()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        var store = gateway.Services.GetRequiredService<CacheStore>();
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var rows = Enumerable.Range(0, 10).Select(i => CacheRow.From(
            Key(i), new CacheEntry(CacheKind.Response, "p", Guid.Empty, RandomNumberGenerator.GetBytes(100_000), 0, now.AddMinutes(i), now.AddMinutes(i + 60)))).ToArray();
        await HasDatabaseAsync(gateway);
        await store.PutAsync(rows, Token);

        (await store.DeleteExpiredAsync(now.AddMinutes(62), 100, Token)).ShouldBe(3);
        (await store.DeleteBeyondAsync(10_000_000, 100, Token)).ShouldBe(0);
        (await store.DeleteBeyondAsync(500_000, 100, Token)).ShouldBe(2);

        (await store.FindAsync([.. Enumerable.Range(0, 10).Select(i => Key(i).ToBytes())], now.AddMinutes(62), Token))
            .Select(row => row.StoredAt.Minute).Order().ToArray().ShouldBe([5, 6, 7, 8, 9]);

        // The later of two answers to one request counts, whichever comes first.
        await store.PutAsync([rows[9] with { StoredAt = now, Body = [1] }, rows[8] with { StoredAt = now.AddHours(1), Body = [2] }], Token);
        var after = await store.FindAsync([Key(8).ToBytes(), Key(9).ToBytes()], now, Token);
        after.Select(row => row.Body.Length).Order().ToArray().ShouldBe([1, 100_000]);
    }

    /// <summary>A slow machine is no miss.</summary>
    private static (string, string) Patient => ("Caching:StoreTimeout", "00:00:30");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static CacheKey Key(int number) => CacheKey.Of(BitConverter.GetBytes(number));

    private static Plan Both(FakeWorker chat, FakeWorker embed) => Plan.Of(
        Plan.Deployment("demo-chat", chat) with { Cache = new CachePolicy { Responses = true } },
        Plan.Deployment("embed", "default", "embedding", "project", embed) with { Cache = new CachePolicy { Embeddings = true } });

    private static async Task<string> MarkAsync(HttpClient client, string path, string body)
    {
        using var response = await client.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, json: body), Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await GatewayUnderTest.TextAsync(response);
        return ResponseCacheTests.Mark(response);
    }

    /// <summary>Models are served before the database is there.</summary>
    private static Task HasDatabaseAsync(GatewayUnderTest gateway) => GatewayUnderTest.UntilAsync(() => gateway.Services.GetRequiredService<MigrationState>().Problem is null);

    private static async Task StoredAsync(Ledger ledger, int count)
    {
        await using var source = NpgsqlDataSource.Create(ledger.ConnectionString);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var table = source.CreateCommand("select to_regclass('cached_answers') is not null");
        await using var command = source.CreateCommand("select count(*) from cached_answers");
        while (await table.ExecuteScalarAsync(limit.Token) is not true || await command.ExecuteScalarAsync(limit.Token) is not long stored || stored < count)
        {
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>An hour, and what it keeps is dated by it.</summary>
    private sealed class Ahead : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(1);
    }
}

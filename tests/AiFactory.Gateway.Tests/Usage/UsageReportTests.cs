using System.Net;
using System.Text.Json;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Usage;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Gateway.Tests.Usage;

public sealed class UsageReportTests(PostgresFixture postgres)
{
    private const string Range = "from=2026-11-01T00:00:00Z&to=2026-11-04T00:00:00Z";

    private static readonly DateTimeOffset Begin = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Groupings => ["", "project", "key,user", "model,deployment,operation", "day", "hour,project", "outcome,day,model"];

    [Theory]
    [MemberData(nameof(Groupings))]
    public async Task The_groups_of_every_page_are_what_was_used_and_add_up_to_the_total(string groupBy)
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        var rows = Rows(1_500);
        await InsertAsync(gateway, rows);

        var items = new List<JsonElement>();
        JsonElement total = default;
        for (var (after, pages) = ("", 0); ; pages++)
        {
            var page = await GetAsync(gateway, $"/api/usage?{Range}&groupBy={groupBy}&limit=7{(after.Length > 0 ? $"&after={after}" : "")}", Plan.AdminKey);
            items.AddRange(page.GetProperty("items").EnumerateArray());
            total = page.GetProperty("total");
            if (page.GetProperty("next").GetString() is not { } next)
            {
                break;
            }

            after = next;
        }

        var names = groupBy.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var expected = rows.Where(row => row.At < Begin.AddDays(3)).GroupBy(row => string.Join('|', names.Select(name => Name(row, name)))).ToDictionary(group => group.Key, group => Sums([.. group]));
        items.ToDictionary(item => string.Join('|', names.Select(name => Said(item, name))), item => Sums(item.GetProperty("figures"))).ShouldBe(expected, ignoreOrder: true);
        Sums(total).ShouldBe(Sums([.. rows.Where(row => row.At < Begin.AddDays(3))]));
    }

    [Fact]
    public async Task A_project_sees_its_own_usage_and_the_factory_all_of_it()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        var rows = Rows(300);
        await InsertAsync(gateway, rows);
        var (own, others) = (rows.Count(row => row.Project == "default"), rows.Count(row => row.Project == "other"));

        (await RequestsAsync("", Plan.ViewerKey)).ShouldBe(own);
        (await RequestsAsync("&project=default", Plan.DeveloperKey)).ShouldBe(own);
        (await RequestsAsync("", Plan.OtherKey)).ShouldBe(others);
        (await RequestsAsync("", Plan.AdminKey)).ShouldBe(own + others);
        (await RequestsAsync("&project=other", Plan.AdminKey)).ShouldBe(others);
        (await StatusAsync("/api/usage?project=default", Plan.OtherKey)).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync("/api/usage/export?project=default", Plan.OtherKey)).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync("/api/usage", null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync("/api/usage?groupBy=colour", Plan.AdminKey)).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync("/api/usage?groupBy=day,hour", Plan.AdminKey)).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync("/api/usage?limit=0", Plan.AdminKey)).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync("/api/usage?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", Plan.AdminKey)).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync("/api/usage/export?format=xml", Plan.AdminKey)).ShouldBe(HttpStatusCode.BadRequest);

        async Task<long> RequestsAsync(string query, string key) =>
            (await GetAsync(gateway, $"/api/usage?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z{query}", key)).GetProperty("total").GetProperty("requests").GetInt64();

        async Task<HttpStatusCode> StatusAsync(string path, string? key)
        {
            using var response = await gateway.GetAsync(path, key);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("model=%00", "model")]
    [InlineData("project=%00", "project")]
    [InlineData("user=a%00b", "user")]
    [InlineData("to=0001-01-05T00:00:00Z", "to")]
    [InlineData("to=1969-12-31T23:59:59Z&from=1969-01-01T00:00:00Z", "to")]
    [InlineData("from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z", null)]
    public async Task What_no_record_can_have_is_refused_by_name(string query, string? field)
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        await InsertAsync(gateway, Rows(1));

        foreach (var path in (string[])["/api/usage?groupBy=day&", "/api/usage/export?"])
        {
            using var response = await gateway.GetAsync(path + query, Plan.AdminKey);
            var text = await GatewayUnderTest.TextAsync(response);
            response.StatusCode.ShouldBe(field is null ? HttpStatusCode.OK : HttpStatusCode.BadRequest, text);
            if (field is not null)
            {
                JsonDocument.Parse(text).RootElement.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(text);
            }
        }
    }

    /// <summary>FEATURES, row 113: within 2 % of what the client counts, which has its first token when it begins to count the time.</summary>
    [Fact]
    public async Task The_rate_of_tokens_is_the_clients()
    {
        const int Tokens = 41;
        var clock = new ManualTimeProvider();
        await using var ledger = await Ledger.CreateAsync(postgres);
        using var gate = new SemaphoreSlim(0);
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("t"));
            await gate.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteEventAsync(
                context, string.Concat(Enumerable.Repeat(FakeWorker.Chunk("t"), Tokens - 1)) + $$$"""data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":{{{Tokens}}}}}""" + "\n\ndata: [DONE]\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), clock, ledger.Setting);

        using var response = await gateway.ChatAsync("""{"model":"demo-chat","stream":true,"messages":[]}""");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        (await reader.ReadLineAsync(Token)).ShouldNotBeNull().ShouldContain("\"t\"");
        clock.Advance(TimeSpan.FromSeconds(2));
        gate.Release();
        var more = (await reader.ReadToEndAsync(Token)).Split('\n').Count(line => line.Contains("\"t\"", StringComparison.Ordinal));
        await ledger.RowsAsync(1);

        var report = await GetAsync(gateway, "/api/usage?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", Plan.AdminKey);
        report.GetProperty("total").GetProperty("tokensPerSecond").GetDouble().ShouldBe(more / 2.0, tolerance: 0.02 * more / 2.0);
    }

    /// <summary>As a ledger may have them from before counts were bounded.</summary>
    [Fact]
    public async Task Counts_beyond_all_measure_do_not_take_the_report_from_the_others()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        await InsertAsync(gateway, [.. Rows(3).Select(row => row with
        {
            At = Begin, Project = "default", RequestedModel = "odd", Model = null, PromptTokens = long.MaxValue, CompletionTokens = long.MaxValue, CostMicros = long.MaxValue, FirstTokenMicros = 0,
        })]);

        var report = await GetAsync(gateway, $"/api/usage?{Range}&groupBy=model", Plan.AdminKey);

        foreach (var figures in (JsonElement[])[report.GetProperty("total"), report.GetProperty("items").EnumerateArray().Single().GetProperty("figures")])
        {
            Sums(figures).ShouldBe((3, figures.GetProperty("answered").GetInt64(), long.MaxValue, figures.GetProperty("cachedTokens").GetInt64(), long.MaxValue, figures.GetProperty("estimated").GetInt64(), long.MaxValue));
            figures.GetProperty("tokensPerSecond").GetDouble().ShouldBeGreaterThan(0);
        }
    }

    [Theory]
    [InlineData("model", "5")]
    [InlineData("", "2147483647")]
    public async Task A_page_behind_the_last_is_empty_and_has_the_total(string groupBy, string after)
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        var rows = Rows(50);
        await InsertAsync(gateway, rows);

        var page = await GetAsync(gateway, $"/api/usage?{Range}&groupBy={groupBy}&after={after}", Plan.AdminKey);

        Sums(page.GetProperty("total")).ShouldBe(Sums([.. rows.Where(row => row.At < Begin.AddDays(3))]));
        (page.GetProperty("items").GetArrayLength(), page.GetProperty("next").ValueKind).ShouldBe((0, JsonValueKind.Null));
    }

    [Fact]
    public async Task A_time_without_a_request_has_a_total_of_nothing()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        await InsertAsync(gateway, Rows(1));

        var page = await GetAsync(gateway, "/api/usage?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z&groupBy=", Plan.AdminKey);

        (page.GetProperty("total").GetProperty("requests").GetInt64(), page.GetProperty("items").GetArrayLength()).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData("/api/usage")]
    [InlineData("/api/usage/export")]
    [InlineData("/api/usage/export?format=csv")]
    public async Task A_database_that_refuses_the_connection_is_said_to_be_away(string path)
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        await InsertAsync(gateway, Rows(1));
        var name = new Npgsql.NpgsqlConnectionStringBuilder(ledger.ConnectionString).Database;
        await using var admin = new Npgsql.NpgsqlConnection($"{ledger.ConnectionString};Pooling=false;Database=postgres");
        await admin.OpenAsync(Token);
        foreach (var sql in (string[])[$"alter database {name} with allow_connections false", $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"])
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, admin);
            await command.ExecuteNonQueryAsync(Token);
        }

        // The first may meet a connection that was ended, the next makes a new one.
        for (var i = 0; i < 2; i++)
        {
            using var response = await gateway.GetAsync(path, Plan.AdminKey);
            response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await GatewayUnderTest.TextAsync(response)).ShouldContain("usage ledger cannot be read");
        }
    }

    [Fact]
    public async Task An_export_has_each_request_once_in_either_format()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting);
        var rows = Rows(4_500);
        rows[0] = rows[0] with { RequestId = "=1+1,\"x\"", Project = "default", At = Begin };
        await InsertAsync(gateway, rows);
        var wanted = rows.Where(row => row.Project == "default" && row.At < Begin.AddDays(3)).OrderBy(row => row.At).ThenBy(row => row.Id.ToString()).ToArray();
        wanted.Length.ShouldBeGreaterThan(2_000, "more than one page of the export");

        using var csv = await gateway.GetAsync($"/api/usage/export?{Range}&format=csv", Plan.ViewerKey);
        using var lines = await gateway.GetAsync($"/api/usage/export?{Range}", Plan.ViewerKey);

        var csvLines = (await GatewayUnderTest.TextAsync(csv)).Split("\r\n");
        csvLines[0].ShouldStartWith("id,at,project,key_id,");
        csvLines[1..^1].Select(line => line[..36]).ShouldBe(wanted.Select(row => row.Id.ToString()));
        csvLines.Single(line => line.StartsWith(rows[0].Id.ToString(), StringComparison.Ordinal)).ShouldContain(",\"'=1+1,\"\"x\"\"\",");
        var json = (await GatewayUnderTest.TextAsync(lines)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        json.Select(line => line.GetProperty("id").GetGuid()).ShouldBe(wanted.Select(row => row.Id));
        json.Sum(line => line.GetProperty("cost_micros").GetInt64()).ShouldBe(wanted.Sum(row => row.CostMicros ?? 0));
    }

    [Fact]
    public async Task Without_its_database_the_ledger_is_unavailable_and_says_so()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("ConnectionStrings:gatewaydb", "Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d"));

        using var response = await gateway.GetAsync("/api/usage", Plan.AdminKey);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await GatewayUnderTest.TextAsync(response)).ShouldContain("usage ledger cannot be read");
    }

    [Fact]
    public async Task What_is_older_than_the_settings_keep_is_forgotten()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting, ("Metering:Retention", "30.00:00:00"));
        var now = TimeProvider.System.GetUtcNow();
        var rows = Rows(20).Select((row, i) => row with { At = now.AddDays(i < 12 ? -40 : -20) }).ToArray();
        await InsertAsync(gateway, rows);

        await gateway.Services.GetServices<IHostedService>().OfType<UsageRetention>().Single().RunOnceAsync(Token);

        (await ledger.RowsAsync()).Select(row => row.Id).ShouldBe(rows[12..].Select(row => row.Id), ignoreOrder: true);
    }

    /// <summary>Over four days, with gaps where a request has no such thing; the same each time but for the ids.</summary>
    private static List<UsageRow> Rows(int count)
    {
        var random = new Random(5);
        Guid[] keys = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var (key, model) = (random.Next(4), random.Next(3));
            var streams = random.Next(2) == 0;
            return new UsageRow
            {
                Id = Guid.CreateVersion7(),
                At = Begin.AddSeconds(random.Next(4 * 24 * 3600)),
                Project = random.Next(4) == 0 ? "other" : "default",
                KeyId = key == 3 ? null : keys[key],
                Subject = $"user:{random.Next(3)}",
                Operation = random.Next(2) == 0 ? "chat/completions" : "embeddings",
                RequestedModel = $"model-{model}",
                Deployment = $"model-{model}",
                Model = model == 2 ? null : $"library-{model}",
                RequestId = "id",
                Stream = streams,
                Attempts = 1,
                PromptTokens = random.Next(10) == 0 ? null : random.Next(5_000),
                CachedTokens = random.Next(2) == 0 ? null : random.Next(100),
                CompletionTokens = random.Next(1_000),
                Estimated = random.Next(9) == 0,
                Outcome = random.Next(5) == 0 ? "client-left" : "answered",
                Status = 200,
                QueuedMicros = 0,
                FirstTokenMicros = streams ? 1_000 : null,
                TotalMicros = 1_000 + random.Next(1_000_000),
                CostMicros = random.Next(1_000_000),
            };
        })];
    }

    private static async Task InsertAsync(GatewayUnderTest gateway, IReadOnlyList<UsageRow> rows)
    {
        await gateway.Services.GetRequiredService<MigrationState>().Completed.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await gateway.Services.GetRequiredService<UsageStore>().InsertAsync(rows, Token);
        await gateway.Services.GetRequiredService<UsageStore>().InsertAsync(rows, Token);
    }

    private static async Task<JsonElement> GetAsync(GatewayUnderTest gateway, string path, string key)
    {
        using var response = await gateway.GetAsync(path, key);
        var text = await GatewayUnderTest.TextAsync(response);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static string Name(UsageRow row, string name) => name switch
    {
        "project" => row.Project,
        "key" => row.KeyId?.ToString() ?? "",
        "user" => row.Subject,
        "model" => row.Model ?? row.RequestedModel,
        "deployment" => row.Deployment,
        "operation" => row.Operation,
        "outcome" => row.Outcome,
        "day" => row.At.ToString("yyyy-MM-ddT00:00", System.Globalization.CultureInfo.InvariantCulture),
        _ => row.At.ToString("yyyy-MM-ddTHH:00", System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string Said(JsonElement item, string name) =>
        name is "day" or "hour" ? item.GetProperty("period").GetString()?[..16] ?? "" : item.GetProperty(name).GetString() ?? "";

    private static (long, long, long, long, long, long, long) Sums(IReadOnlyList<UsageRow> rows) => (
        rows.Count, rows.Count(row => row.Outcome == "answered"), rows.Sum(row => row.PromptTokens ?? 0), rows.Sum(row => row.CachedTokens ?? 0), rows.Sum(row => row.CompletionTokens ?? 0),
        rows.Count(row => row.Estimated), rows.Sum(row => row.CostMicros ?? 0));

    private static (long, long, long, long, long, long, long) Sums(JsonElement figures)
    {
        return (Number("requests"), Number("answered"), Number("promptTokens"), Number("cachedTokens"), Number("completionTokens"), Number("estimated"), Number("costMicros"));

        long Number(string name) => figures.GetProperty(name).GetInt64();
    }
}

using System.Globalization;
using System.Net;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Metering;

/// <summary>What becomes of records while the database or the disk does not take them.</summary>
public sealed class UndeliveredTests(PostgresFixture postgres)
{
    [Fact]
    public async Task While_the_database_is_away_models_are_served_and_their_records_come_when_it_is_back()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        var direct = new Npgsql.NpgsqlConnectionStringBuilder(ledger.ConnectionString);
        await using var forwarder = new TcpForwarder(direct.Port);
        direct.Port = forwarder.Port;
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("ConnectionStrings:gatewaydb", direct.ConnectionString));

        using (var ready = await gateway.GetAsync("/readyz", key: null))
        {
            ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await AskAsync(3);
        forwarder.Open();
        (await ledger.RowsAsync(3)).Count.ShouldBe(3);

        await forwarder.CloseAsync();
        await AskAsync(4);
        forwarder.Open();
        (await ledger.RowsAsync(7)).Select(row => row.Id).Distinct().Count().ShouldBe(7);

        async Task AskAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var response = await gateway.ChatAsync();
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
            }
        }
    }

    [Theory]
    [InlineData("true", HttpStatusCode.OK)]
    [InlineData("false", HttpStatusCode.ServiceUnavailable)]
    public async Task When_no_record_can_be_kept_the_settings_say_whether_models_are_served(string serveUnmetered, HttpStatusCode expected)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Chat(worker), ("ConnectionStrings:gatewaydb", "Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d"), ("Metering:MaxBytes", "4194304"), ("Metering:ServeUnmetered", serveUnmetered));
        await FillAsync(gateway);

        using var response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(expected);
        if (expected != HttpStatusCode.OK)
        {
            (await GatewayUnderTest.TextAsync(response)).ShouldContain("metering_unavailable");
            worker.Seen.ShouldBeEmpty();
        }
    }

    /// <summary>Until the gateway says that there is no room, and then the last of what there is.</summary>
    private static async Task FillAsync(GatewayUnderTest gateway)
    {
        var outbox = gateway.Services.GetRequiredService<UsageOutbox>();
        var entry = new byte[64 * 1024];
        await GatewayUnderTest.UntilAsync(() =>
        {
            while (TryAppend())
            {
            }

            return gateway.Log.Lines.Any(line => line.Contains("has no room (Metering:MaxBytes is reached)", StringComparison.Ordinal));
        });
        while (TryAppend() || entry.Length > 1)
        {
            entry = TryAppend() ? entry : new byte[Math.Max(1, entry.Length / 2)];
        }

        bool TryAppend()
        {
            var wake = false;
            var kept = outbox.File?.TryAppend(entry, out wake) ?? false;
            if (wake)
            {
                outbox.Wake.Raise();
            }

            return kept;
        }
    }

    /// <summary>A login that is refused, and a table that a restored backup does not have: neither says anything of the records.</summary>
    [Theory]
    [InlineData("postgres", "alter database {0} with allow_connections false", "alter database {0} with allow_connections true")]
    [InlineData("{0}", "alter table usage rename to usage_away", "alter table usage_away rename to usage")]
    public async Task While_the_database_refuses_the_gateway_records_wait_and_none_is_lost(string from, string refuse, string mend)
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ledger.Setting);
        await AskAsync(1);
        await ledger.RowsAsync(1);
        var name = new Npgsql.NpgsqlConnectionStringBuilder(ledger.ConnectionString).Database ?? "";
        await using var admin = new Npgsql.NpgsqlConnection($"{ledger.ConnectionString};Pooling=false;Database={from.Replace("{0}", name, StringComparison.Ordinal)}");
        await admin.OpenAsync(TestContext.Current.CancellationToken);

        await ExecuteAsync(refuse);
        await ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{0}' and pid <> pg_backend_pid()");
        await AskAsync(4);
        await GatewayUnderTest.UntilAsync(() => gateway.Log.Lines.Any(line => line.Contains("UsageShipper failed", StringComparison.Ordinal)));
        await ExecuteAsync(mend);

        await using var later = new Ledger($"{ledger.ConnectionString};Application Name=later");
        (await later.RowsAsync(5)).Select(row => row.Id).Distinct().Count().ShouldBe(5);
        gateway.Log.Lines.ShouldNotContain(line => line.Contains(" 1407 ", StringComparison.Ordinal));

        async Task ExecuteAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql.Replace("{0}", name, StringComparison.Ordinal), admin);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        async Task AskAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var response = await gateway.ChatAsync();
                await GatewayUnderTest.TextAsync(response);
            }
        }
    }

    /// <summary>More than a segment of them: each time they were all carried they lay behind again, and were carried for as long as they lasted.</summary>
    [Fact]
    public async Task Requests_that_stay_open_are_not_written_again_and_again()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ledger.Setting, ("Metering:MaxBytes", "4194304"), ("Metering:ShipInterval", "00:00:00.010"));
        var outbox = gateway.Services.GetRequiredService<UsageOutbox>();
        var (buffer, written) = (new byte[UsageEntry.LongestEntry], 0L);
        while (written < 3 << 19)
        {
            await AppendAsync(UsageEntryKind.Open);
        }

        for (var i = 1; i <= 20; i++)
        {
            await AppendAsync(UsageEntryKind.Ended);
            await ledger.RowsAsync(i);
        }

        outbox.File.ShouldNotBeNull().Size.ShouldBeInRange(written, written + (1 << 16));
        Directory.EnumerateFiles(gateway.Folder, "*.outbox", SearchOption.AllDirectories).Max(path => long.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture))
            .ShouldBeLessThan(5);

        async Task AppendAsync(UsageEntryKind kind)
        {
            var record = new UsageRecord
            {
                Id = Guid.CreateVersion7(), At = TimeProvider.System.GetUtcNow(), Project = "default", Subject = new string('s', 400), Operation = "chat/completions", RequestedModel = "demo-chat",
                Deployment = "demo-chat", RequestId = "id",
            };
            var length = UsageEntry.Write(kind, record, buffer);
            await GatewayUnderTest.UntilAsync(() =>
            {
                var kept = outbox.File is { } file && file.TryAppend(buffer.AsSpan(0, length), out _);
                outbox.Wake.Raise();
                return kept;
            });
            written += length;
        }
    }

    [Fact]
    public async Task A_gateway_that_is_stopped_while_the_database_is_away_delivers_at_its_next_start()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-");
        await using var worker = await FakeWorker.StartedAsync();
        var away = new Npgsql.NpgsqlConnectionStringBuilder(ledger.ConnectionString) { Port = 1 };
        await using (var gateway = await StartAsync(away.ConnectionString))
        {
            using var response = await gateway.ChatAsync();
            await GatewayUnderTest.TextAsync(response);
        }

        Directory.EnumerateFiles(folder.FullName, "*.outbox", SearchOption.AllDirectories).ShouldNotBeEmpty();
        await using (await StartAsync(ledger.ConnectionString))
        {
            (await ledger.RowsAsync(1)).Single().Outcome.ShouldBe("answered");
        }

        // The factory of the test does not wait for the host's last act.
        await GatewayUnderTest.UntilAsync(() => !Directory.EnumerateFiles(folder.FullName, "*.outbox", SearchOption.AllDirectories).Any());
        (await ledger.RowsAsync()).Count.ShouldBe(1);
        folder.Delete(recursive: true);

        async Task<GatewayUnderTest> StartAsync(string database)
        {
            var gateway = await GatewayUnderTest.StartAsync(await FakeLibrary.StartedAsync(Plan.Chat(worker).Snapshot()), folder.FullName, ("ConnectionStrings:gatewaydb", database));
            await GatewayUnderTest.UntilAsync(() => gateway.Version == 1);
            return gateway;
        }
    }
}

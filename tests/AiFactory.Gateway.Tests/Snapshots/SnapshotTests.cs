using System.Net;
using System.Text;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Snapshots;

public sealed class SnapshotTests
{
    [Fact]
    public async Task A_restarted_gateway_serves_from_the_disk_while_the_library_is_down()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-");
        try
        {
            await using (var before = await GatewayUnderTest.StartAsync(await FakeLibrary.StartedAsync(Plan.Chat(worker).Snapshot()), folder.FullName))
            {
                await GatewayUnderTest.UntilAsync(() => File.Exists(before.SnapshotPath));
            }

            var down = await FakeLibrary.StartedAsync();
            await down.KillAsync();
            await using var after = await GatewayUnderTest.StartAsync(down, folder.FullName);
            using var response = await after.ChatAsync();
            using var ready = await after.GetAsync("/readyz", key: null);

            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_kept_file_is_for_this_user_only()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        await GatewayUnderTest.UntilAsync(() => File.Exists(gateway.SnapshotPath));

        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(gateway.SnapshotPath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.Exists($"{gateway.SnapshotPath}.new").ShouldBeFalse();
    }

    [Theory]
    [InlineData("torn", "it is torn")]
    [InlineData("edited", "its hash does not match")]
    [InlineData("empty", "it does not begin as a snapshot")]
    [InlineData("foreign", "its hash does not match")]
    public async Task A_kept_file_that_is_not_whole_is_refused_and_said_to_be(string harm, string says)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-gateway-");
        try
        {
            string path;
            var settings = harm == "foreign" ? new[] { ("Identity:Key", "another factory's identity key of 32 characters") } : [];
            await using (var before = await GatewayUnderTest.StartAsync(await FakeLibrary.StartedAsync(new Plan().Snapshot()), folder.FullName, settings))
            {
                path = before.SnapshotPath;
                await GatewayUnderTest.UntilAsync(() => File.Exists(path));
            }

            var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(path, Harm(bytes, harm), TestContext.Current.CancellationToken);

            var down = await FakeLibrary.StartedAsync();
            await down.KillAsync();
            await using var after = await GatewayUnderTest.StartAsync(down, folder.FullName);
            using var ready = await after.GetAsync("/readyz", key: null);

            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            after.Log.Lines.ShouldContain(line => line.Contains(says), string.Join('\n', after.Log.Lines.Where(line => line.Contains("snapshot"))));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_gateway_asks_in_its_own_name_for_what_is_newer()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());
        await gateway.PublishAsync(new Plan { Version = 2 });
        await GatewayUnderTest.UntilAsync(() => gateway.Library.Asked.Count >= 3);

        gateway.Library.Asked.Take(3).ShouldBe([0, 1, 2]);
        var token = gateway.Library.Seen.First().Headers["Authorization"].Split('.')[1];
        var claims = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token));
        claims.ShouldContain("\"roles\":[\"gateway\"]");
    }

    [Fact]
    public async Task An_older_snapshot_is_ignored_and_that_of_a_reset_library_taken()
    {
        var held = new Plan { Version = 50 };
        await using var gateway = await GatewayUnderTest.StartAsync(held);
        var published = held.Snapshot().PublishedAt;
        await GatewayUnderTest.UntilAsync(() => gateway.Library.Asked.Contains(50));

        // The library comes back with what was published before: an old answer.
        await gateway.Library.KillAsync();
        gateway.Library.Publish((new Plan { Version = 49 } with { PublishedAt = published.AddSeconds(-1) }).Snapshot());
        await gateway.Library.StartAsync();
        await GatewayUnderTest.UntilAsync(() => gateway.Log.Lines.Any(line => line.Contains("is older than the 50 held")));
        await GatewayUnderTest.UntilAsync(() => gateway.Library.Asked.Count(after => after == 50) == 2);
        gateway.Version.ShouldBe(50);

        // It comes back with a lower version published later: it was reset.
        await gateway.Library.KillAsync();
        gateway.Library.Publish((new Plan { Version = 3 } with { PublishedAt = published.AddSeconds(9) }).Snapshot());
        await gateway.Library.StartAsync();
        await GatewayUnderTest.UntilAsync(() => gateway.Version == 3);
        gateway.Log.Lines.ShouldContain(line => line.Contains("The library was reset or restored"));
    }

    [Fact]
    public async Task A_library_that_was_reset_between_two_questions_is_noticed_too()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan { Version = 50 });
        gateway.Library.LongestWait = TimeSpan.FromMilliseconds(50);
        await GatewayUnderTest.UntilAsync(() => gateway.Library.Asked.Contains(50));

        gateway.Library.Publish((new Plan { Version = 3 } with { PublishedAt = DateTimeOffset.MaxValue }).Snapshot());

        await GatewayUnderTest.UntilAsync(() => gateway.Version == 3);
    }

    [Fact]
    public async Task A_hundred_swaps_under_load_drop_nothing()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker);
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        using var stop = new CancellationTokenSource();

        var clients = Enumerable.Range(0, 8).Select(async _ =>
        {
            var answered = 0;
            while (!stop.IsCancellationRequested)
            {
                using var response = await gateway.ChatAsync();
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
                (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Completion);
                answered++;
            }

            return answered;
        }).ToArray();
        for (var version = 2; version <= 101; version++)
        {
            await gateway.PublishAsync(plan with { Version = version });
        }

        await stop.CancelAsync();
        (await Task.WhenAll(clients)).Sum().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_revoked_key_ends_with_the_next_snapshot()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker);
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        await gateway.PublishAsync(plan with { Version = 2, Keys = [.. plan.Keys.Where(key => key.Name != "developer")] });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static byte[] Harm(byte[] bytes, string harm) => harm switch
    {
        "torn" => bytes[..^7],
        "edited" => [.. bytes[..^3], (byte)' ', .. bytes[^2..]],
        "empty" => [],
        _ => bytes,
    };
}

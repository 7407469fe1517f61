using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.Jobs;
using AiFactory.Gateway.Webhooks;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Webhooks;

public sealed class WebhookTests(PostgresFixture postgres)
{
    private static readonly (string, string)[] Quick = [("Webhooks:AllowedHosts:0", "127.0.0.1"), ("Webhooks:FirstDelay", "00:00:00.020"), ("Webhooks:LongestDelay", "00:00:00.020")];

    [Fact]
    public async Task Messages_are_signed_as_Standard_Webhooks_has_it_and_after_a_rotation_with_both_secrets()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var receiver = await FakeWorker.StartedAsync(_ => Task.CompletedTask);
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), Quick);
        var client = new WorkClient(gateway.Client);

        // 1. A secret, shown once; a message; the secret is rotated; a message of a batch.
        JobTests.Refused(await client.GetAsync("/api/webhooks/secret"), 404, "webhook_secret_missing");
        var first = WorkClient.Text((await client.PostAsync("/api/webhooks/secret", "")).Body, "secret");
        var id = await JobTests.JobAsync(client, Job(receiver.Address));
        await GatewayUnderTest.UntilAsync(() => receiver.Seen.Count == 1);
        var (_, rotated) = await client.PostAsync("/api/webhooks/secret", "");
        var second = WorkClient.Text(rotated, "secret");
        rotated["previousUntil"].ShouldNotBeNull();
        var file = WorkClient.Text((await client.UploadAsync(WorkClient.Line("a"))).Body, "id");
        await client.PostAsync("/v1/batches", $$"""{"input_file_id":"{{file}}","endpoint":"/v1/chat/completions","completion_window":"24h","webhook":"{{receiver.Address}}hook"}""");
        await GatewayUnderTest.UntilAsync(() => receiver.Seen.Count == 2);
        (await client.GetAsync("/api/webhooks/secret")).Body.ToJsonString().ShouldNotContain("whsec_");
        await using (var connection = new Npgsql.NpgsqlConnection(bench.Ledger.ConnectionString))
        {
            // Who reads the database has no secret.
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            var kept = await Dapper.SqlMapper.QuerySingleAsync<string>(connection, "select secret || previous from webhook_secrets");
            kept.ShouldStartWith("v1.");
            kept.ShouldNotContain(second["whsec_".Length..]);
        }

        // 2. What the reference implementation says: the first with the first alone, the second with both, and neither with a third, or with another body.
        var seen = receiver.Seen.ToArray();
        JsonNode Message(SeenRequest one, string? body = null) =>
            new JsonObject { ["payload"] = body ?? one.Body, ["headers"] = new JsonObject(one.Headers.Where(header => header.Key.StartsWith("webhook-", StringComparison.Ordinal)).Select(header => KeyValuePair.Create(header.Key, (JsonNode?)header.Value))) };
        var input = new JsonObject
        {
            ["secrets"] = new JsonArray(first, second, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            ["messages"] = new JsonArray(Message(seen[0]), Message(seen[1]), Message(seen[1], "{}")),
        };
        var verdict = await ClientPackages.Npm.RunAsync("standardwebhooks.mjs", new Dictionary<string, string>(), input.ToJsonString(), TestContext.Current.CancellationToken);
        const string No = "\"No matching signature found\"";
        verdict.Trim().ShouldBe($"[[true,{No},{No}],[true,true,{No}],[{No},{No},{No}]]");

        // 3. What they tell.
        var told = JsonNode.Parse(seen[0].Body);
        (WorkClient.Text(told, "type"), WorkClient.Text(told, "data.id"), WorkClient.Text(told, "data.status"), WorkClient.Text(told, "data.url")).ShouldBe(("job.succeeded", id, "succeeded", $"/api/jobs/{id}"));
        WorkClient.Text(JsonNode.Parse(seen[1].Body), "type").ShouldBe("batch.completed");
        seen[0].Headers["webhook-id"].ShouldStartWith("msg_");
        seen[0].Headers.Keys.ShouldNotContain("traceparent");
        gateway.Log.Lines.ShouldNotContain(line => line.Contains("whsec_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_change_of_the_key_both_secrets_are_sealed_anew_and_messages_are_signed_as_before()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var receiver = await FakeWorker.StartedAsync(_ => Task.CompletedTask);
        var key = new string('k', 40);
        await using (var gateway = await bench.StartAsync(Plan.Chat(worker), [.. Quick, ("Secrets:Key", key)]))
        {
            var client = new WorkClient(gateway.Client);
            await client.PostAsync("/api/webhooks/secret", "");
            await client.PostAsync("/api/webhooks/secret", "");
        }

        var former = await KeptAsync(bench);
        await using (await bench.StartAsync(Plan.Chat(worker), [.. Quick, ("Secrets:Key", new string('n', 40)), ("Secrets:OtherKeys:0", key), ("Secrets:ResealAfter", "00:00:00")]))
        {
            while ((await KeptAsync(bench)).Intersect(former).Any())
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }

        await using var after = await bench.StartAsync(Plan.Chat(worker), [.. Quick, ("Secrets:Key", new string('n', 40))]);
        await JobTests.JobAsync(new WorkClient(after.Client), Job(receiver.Address));
        await GatewayUnderTest.UntilAsync(() => receiver.Seen.Count == 1);
        receiver.Seen.Single().Headers["webhook-signature"].Split(' ').Length.ShouldBe(2, "the newest secret and the one before it");
    }

    [Fact]
    public async Task A_receiver_that_fails_gets_the_message_again_under_its_id_until_it_is_parked_where_all_see_it()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        var works = false;
        await using var receiver = await FakeWorker.StartedAsync(context =>
        {
            context.Response.StatusCode = works ? StatusCodes.Status204NoContent : StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        });
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), [.. Quick, ("Webhooks:Attempts", "3")]);
        var client = new WorkClient(gateway.Client);
        await client.PostAsync("/api/webhooks/secret", "");
        var id = await JobTests.JobAsync(client, Job(receiver.Address));

        // 1. Given up, and said so at the job and in the list.
        var parked = await MessageAsync(client, "parked");
        (WorkClient.Text(parked, "attempts"), WorkClient.Text(parked, "lastStatus"), WorkClient.Text(parked, "lastError"), WorkClient.Text(parked, "about")).ShouldBe(("3", "500", "The receiver answered 500.", id));
        (await JobTests.EndedAsync(client, id, "succeeded"))["webhook"]?["state"]?.ToString().ShouldBe("parked");
        receiver.Seen.Count.ShouldBe(3);
        receiver.Seen.Select(seen => seen.Headers["webhook-id"]).Distinct().ShouldBe([WorkClient.Text(parked, "id")]);
        (await new WorkClient(gateway.Client, Plan.OtherKey).GetAsync("/api/webhooks/messages")).Body["items"]?.AsArray().Count.ShouldBe(0);

        // 2. Mended, it is sent again when somebody says so.
        works = true;
        JobTests.Refused(await new WorkClient(gateway.Client, Plan.OtherKey).PostAsync($"/api/webhooks/messages/{parked["id"]}/retry", ""), 404, "webhook_message_not_found");
        (await client.PostAsync($"/api/webhooks/messages/{parked["id"]}/retry", "")).Status.ShouldBe(202);
        var delivered = await MessageAsync(client, "delivered");
        (WorkClient.Text(delivered, "attempts"), WorkClient.Text(delivered, "lastStatus"), delivered["lastError"]).ShouldBe(("1", "204", null));
    }

    [Fact]
    public async Task No_message_goes_to_an_address_that_is_not_allowed_or_follows_a_redirect()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var receiver = await FakeWorker.StartedAsync(_ => Task.CompletedTask);
        await using var redirects = await FakeWorker.StartedAsync(context =>
        {
            context.Response.Redirect($"{receiver.Address}hook");
            return Task.CompletedTask;
        });
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), ("Webhooks:AllowedHosts:0", $"127.0.0.1:{redirects.Address.Port}"), ("Webhooks:AllowedNetworks:0", "10.20.0.0/16"));
        await new WorkClient(gateway.Client).PostAsync("/api/webhooks/secret", "");
        var sender = gateway.Services.GetRequiredService<WebhookSender>();

        // A name is looked at when it is connected to, whatever it stood for before: another port of an allowed host, a name of this machine, its other spellings.
        foreach (var host in new[] { "127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "0.0.0.0" })
        {
            var attempt = await sender.SendAsync(Message($"http://{host}:{receiver.Address.Port}/hook"), TestContext.Current.CancellationToken);
            attempt.ShouldBe(new WebhookAttempt(null, WebhookSender.NotReachable), host);
        }

        // The log says which it was; who sends messages cannot ask for names of the site.

        (await sender.SendAsync(Message($"{redirects.Address}hook"), TestContext.Current.CancellationToken)).ShouldBe(new WebhookAttempt(302, "The receiver redirects, which is not followed."));
        receiver.Seen.ShouldBeEmpty();
        redirects.Seen.Count.ShouldBe(1);

        // Where an address is written out, who asks is told at once; a network of the site is allowed by a setting.
        var urls = gateway.Services.GetRequiredService<WebhookUrl>();
        urls.Complaint("http://10.20.1.1/hook").ShouldBeNull();
        urls.Complaint("http://10.21.1.1/hook").ShouldNotBeNull().ShouldContain("Webhooks:AllowedNetworks");
        urls.Complaint("https://user:word@example.com/hook").ShouldNotBeNull();
        urls.Complaint("https://example.com/hook").ShouldBeNull();
    }

    [Fact]
    public async Task A_receiver_that_answers_nonsense_is_given_up_and_its_words_are_not_kept()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var nonsense = AnswerAsync(receiver, "HTTP/1.1 2\00 OK\r\nna\0me: x\r\n\r\n", end.Token);
        await using var gateway = await bench.StartAsync(Plan.Chat(worker), [.. Quick, ("Webhooks:Attempts", "2")]);
        var client = new WorkClient(gateway.Client);
        await client.PostAsync("/api/webhooks/secret", "");

        await JobTests.JobAsync(client, Job(new Uri($"http://127.0.0.1:{((IPEndPoint)receiver.LocalEndpoint).Port}/")));

        var parked = await MessageAsync(client, "parked");
        (WorkClient.Text(parked, "attempts"), WorkClient.Text(parked, "lastError")).ShouldBe(("2", "What the receiver answered is no HTTP."));
        await end.CancelAsync();
        await nonsense;
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_holds_up_nobody_else_s_messages()
    {
        await using var bench = await WorkBench.CreateAsync(postgres);
        await using var worker = await FakeWorker.StartedAsync();
        await using var hangs = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var receiver = await FakeWorker.StartedAsync(_ => Task.CompletedTask);
        await using var gateway = await bench.StartAsync(Plan.Of(Plan.Deployment("demo-chat", "default", "chat", "factory", worker)), [.. Quick, ("Webhooks:Timeout", "00:01:00")]);
        var (client, other) = (new WorkClient(gateway.Client), new WorkClient(gateway.Client, Plan.OtherKey));
        await client.PostAsync("/api/webhooks/secret", "");
        await other.PostAsync("/api/webhooks/secret", "");
        await JobTests.JobAsync(client, Job(hangs.Address));
        await GatewayUnderTest.UntilAsync(() => !hangs.Seen.IsEmpty);

        await JobTests.JobAsync(other, Job(receiver.Address));

        await GatewayUnderTest.UntilAsync(() => !receiver.Seen.IsEmpty);
    }

    [Fact]
    public void Attempts_lie_further_and_further_apart_over_most_of_a_day()
    {
        var options = new WebhookOptions();
        var delays = Enumerable.Range(1, options.Attempts - 1).Select(attempt => WebhookWorker.Delay(attempt, options, 0)).ToArray();

        delays.ShouldBe([.. new[] { 5.0, 20, 80, 320, 1280, 5120, 20480, 21600, 21600 }.Select(TimeSpan.FromSeconds)]);
        WebhookWorker.Delay(1, options, 1).ShouldBe(TimeSpan.FromSeconds(6));
    }

    private static string Job(Uri receiver) => $$"""{"url":"/v1/chat/completions","body":{"model":"demo-chat","messages":[]},"webhook":"{{receiver}}hook"}""";

    /// <summary>Whoever connects gets these bytes, and no more.</summary>
    private static async Task AnswerAsync(TcpListener listener, string text, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(cancellationToken);
                var stream = client.GetStream();

                // To the end of the message: what is not read would reset the connection.
                var (bytes, seen) = (new byte[1024], "");
                while (!seen.EndsWith("}}", StringComparison.Ordinal) && await stream.ReadAsync(bytes, cancellationToken) is > 0 and var read)
                {
                    seen += Encoding.ASCII.GetString(bytes, 0, read);
                }

                await stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private static WebhookMessageRow Message(string url) => new()
    {
        Id = Guid.CreateVersion7(), Project = "default", BatchId = Guid.CreateVersion7(), Type = "job.succeeded", Url = url, Payload = "{}",
        State = WebhookMessageRow.Waiting, Attempts = 1, NextAt = default, CreatedAt = default,
    };

    private static async Task<List<string>> KeptAsync(WorkBench bench)
    {
        await using var connection = new Npgsql.NpgsqlConnection(bench.Ledger.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return [.. await Dapper.SqlMapper.QueryAsync<string>(connection, "select unnest(array[secret, previous]) from webhook_secrets")];
    }

    /// <summary>The project's one message, once it is in that state.</summary>
    private static async Task<JsonNode> MessageAsync(WorkClient client, string state)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var (_, page) = await client.GetAsync($"/api/webhooks/messages?state={state}");
            if (page["items"] is JsonArray { Count: 1 } items && items[0] is { } message)
            {
                return message;
            }

            limit.IsCancellationRequested.ShouldBeFalse($"a message should be {state}: {(await client.GetAsync("/api/webhooks/messages")).Body.ToJsonString()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class FailoverTests
{
    [Fact]
    public async Task A_dead_replica_costs_no_request()
    {
        await using var dead = await FakeWorker.StartedAsync();
        await using var alive = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(dead, alive));
        await dead.KillAsync();

        for (var i = 0; i < 40; i++)
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        alive.Seen.Count.ShouldBe(40);
        gateway.Log.Lines.Count(line => line.Contains("gave no answer")).ShouldBeLessThan(5, "it is passed over once it has refused");
    }

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(404)]
    public async Task A_replica_that_says_no_is_replaced_by_another(int status)
    {
        await using var refusing = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, FakeWorker.ModelNotFound, status));
        await using var alive = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(refusing, alive), ("Forwarding:NameReplica", "true"));

        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Headers.GetValues("x-aifactory-replica").ShouldBe([$"127.0.0.1:{alive.Address.Port}"]);
        }
    }

    /// <summary>Whoever asked an engine for what it has not would take its model from everybody.</summary>
    [Theory]
    [InlineData("/v1/responses", """{"model":"demo-chat"}""")]
    [InlineData("/v1/messages/count_tokens", """{"model":"demo-chat","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/v2/models/demo-chat/infer", "{}")]
    public async Task A_route_that_an_engine_has_not_is_told_and_its_model_goes_on_being_served(string path, string body)
    {
        await using var worker = await FakeWorker.StartedAsync(context => context.Request.Path == "/v1/chat/completions"
            ? FakeWorker.WriteJsonAsync(context, FakeWorker.Completion)
            : FakeWorker.WriteJsonAsync(context, "{}", 404));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Forwarding:ReplicaWait", "00:00:00"), ("Retries:Delay", "00:00:00.001"));

        using var absent = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, json: body));
        using var chat = await gateway.ChatAsync();

        (absent.StatusCode, chat.StatusCode).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.OK));
        (await GatewayUnderTest.TextAsync(absent)).ShouldContain("its engine has no such route");
    }

    [Fact]
    public async Task A_replica_that_dies_before_the_first_token_is_replaced_by_another()
    {
        await using var dying = await FakeWorker.StartedAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.StartAsync();
            context.Abort();
        });
        await using var alive = await FakeWorker.StartedAsync(context => FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one") + "data: [DONE]\n\n"));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(dying, alive));

        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.ChatAsync("""{"model":"demo-chat","stream":true}""");
            (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Chunk("one") + "data: [DONE]\n\n");
        }

        dying.Seen.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_request_whose_model_is_revoked_while_it_waits_learns_of_it_at_once()
    {
        // The worker has unloaded it; the snapshot that says why is still on its way.
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, FakeWorker.ModelNotFound, 404));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        var asked = gateway.ChatAsync("""{"model":"demo-chat","stream":true}""");
        await GatewayUnderTest.UntilAsync(() => !worker.Seen.IsEmpty);

        await gateway.PublishAsync(Plan.Of(Plan.Deployment("demo-chat") with { Revoked = "it leaks" }) with { Version = 2 });
        using var response = await asked;

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var error = await OpenAI.EnvelopeTests.ErrorAsync(response);
        error.GetProperty("code").GetString().ShouldBe("model_revoked");
        error.GetProperty("message").GetString().ShouldBe("The model 'demo-chat' may not be used any more: version 1 of demo-chat was revoked. Reason: it leaks");
    }

    /// <summary>It was served in part: the split was drawn first, and the shadow had a copy of each prompt, also of those refused.</summary>
    [Fact]
    public async Task A_revoked_model_is_served_by_no_variant_and_its_prompts_are_copied_nowhere()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var policy = new TrafficPolicy { Splits = [new TrafficSplit("b", 50)], Fallbacks = ["b"], Shadow = new TrafficSplit("b", 100) };
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("demo-chat") with { Revoked = "it leaks", Traffic = policy }, Plan.Deployment("b", worker)));

        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        using var direct = await gateway.ChatAsync("""{"model":"b","messages":[]}""");
        worker.Seen.Count.ShouldBe(1, "this one");
    }

    [Fact]
    public async Task A_request_that_brings_replicas_down_is_shown_to_two_and_no_more()
    {
        static Task Die(HttpContext context)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        await using var a = await FakeWorker.StartedAsync(Die);
        await using var b = await FakeWorker.StartedAsync(Die);
        await using var c = await FakeWorker.StartedAsync(Die);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b, c));

        using var response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await OpenAI.EnvelopeTests.ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("upstream_failed");
        (a.Seen.Count + b.Seen.Count + c.Seen.Count).ShouldBe(2);
    }

    [Fact]
    public async Task A_replica_that_finds_the_body_too_large_says_so_and_stays()
    {
        // Kestrel's own limit in the fake worker is 30,000,000 bytes.
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var large = await gateway.ChatAsync($$"""{"model":"demo-chat","user":"{{new string('x', 31_000_000)}}"}""");
        using var small = await gateway.ChatAsync($$"""{"model":"demo-chat","user":"{{new string('x', 1_000_000)}}"}""");

        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        small.StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.Log.Lines.ShouldNotContain(line => line.Contains("gave no answer"));
        worker.Seen.Count.ShouldBe(1);
        var token = worker.Seen.Single().Headers["Authorization"]["Bearer ".Length..];
        gateway.Services.GetRequiredService<IdentityTokens>().TryVerify(token, out var identity).ShouldBeTrue();
        $"{identity.Deployment}".ShouldBe(worker.Seen.Single().Headers["x-aifactory-deployment"]);
    }

    [Fact]
    public async Task A_replica_that_stops_reading_a_request_is_tried_again_once_and_stays()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connections = 0;
        var serving = Task.Run(async () =>
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);

                // Its head whole, and then some of the body: one that is cut off in its head was not sent, and is freely tried again.
                var head = "";
                while (!head.Contains("\r\n\r\n"))
                {
                    var piece = new byte[4096];
                    head += Encoding.ASCII.GetString(piece, 0, await socket.ReceiveAsync(piece));
                }

                connections++;
                await socket.SendAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
                await socket.ReceiveAsync(new byte[1024]);
                socket.Close(0);
            }
        }, TestContext.Current.CancellationToken);
        var address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var deployment = Plan.Deployment("demo-chat") with { Replicas = [new ReplicaRoute("raw", address)] };
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(deployment), ("Probes:Interval", "00:10:00")); // a look of the gateway's own would find it broken

        using var response = await gateway.ChatAsync($$"""{"model":"demo-chat","user":"{{new string('x', 20_000_000)}}"}""");

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        connections.ShouldBe(2);
        gateway.Services.GetRequiredService<CurrentRoutes>().Table!.Deployments.Values.Single().Replicas.Single().Breaker.OpenUntil.ShouldBe(0); // a snapshot was published
        listener.Stop();
        await Should.ThrowAsync<SocketException>(serving);
    }

    [Fact]
    public async Task A_begun_stream_is_never_repeated()
    {
        var begun = new TaskCompletionSource();
        var workers = new List<FakeWorker>();
        for (var i = 0; i < 2; i++)
        {
            workers.Add(await FakeWorker.StartedAsync(async context =>
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
                await begun.Task;
                context.Abort();
            }));
        }

        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat([.. workers]));
        using var response = await gateway.ChatAsync("""{"model":"demo-chat","stream":true}""");
        begun.SetResult();
        (await GatewayUnderTest.TextAsync(response)).ShouldContain("upstream_failed");

        workers.Sum(worker => worker.Seen.Count).ShouldBe(1);
        await workers[0].DisposeAsync();
        await workers[1].DisposeAsync();
    }

    [Fact]
    public async Task A_request_waits_for_a_worker_that_restarts()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));
        await worker.KillAsync();

        var call = gateway.ChatAsync();
        await GatewayUnderTest.UntilAsync(() => gateway.Log.Lines.Any(line => line.Contains("gave no answer")));
        await worker.StartAsync();

        using var response = await call;
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_request_waits_for_a_replica_that_the_next_snapshot_brings()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat());

        var call = gateway.ChatAsync();
        await Task.WhenAny(call, Task.Delay(50, TestContext.Current.CancellationToken));
        call.IsCompleted.ShouldBeFalse();
        await gateway.PublishAsync(Plan.Chat(worker) with { Version = 2 });

        using var response = await call;
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_wait_for_a_replica_is_bounded()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Forwarding:ReplicaWait", "00:00:00.200"));
        await worker.KillAsync();

        using var response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter.ShouldNotBeNull();
        (await OpenAI.EnvelopeTests.ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("model_not_ready");
    }

    [Fact]
    public async Task Requests_spread_evenly_over_the_replicas()
    {
        await using var a = await FakeWorker.StartedAsync();
        await using var b = await FakeWorker.StartedAsync();
        await using var c = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b, c));

        for (var i = 0; i < 300; i++)
        {
            using var response = await gateway.ChatAsync();
        }

        // 100 each, with a standard deviation of 8: five of them.
        new[] { a, b, c }.ShouldAllBe(worker => worker.Seen.Count > 60 && worker.Seen.Count < 140);
    }

    [Fact]
    public async Task A_replica_that_does_not_know_this_gateway_is_a_502_not_the_clients_fault()
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, "{}", 401));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await OpenAI.EnvelopeTests.ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("upstream_refused");
    }
}

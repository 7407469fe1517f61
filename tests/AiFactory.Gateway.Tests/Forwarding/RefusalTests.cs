using System.Net;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Tests.OpenAI;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Forwarding;

/// <summary>What a refusal is for: what one client asked for is no reason to take a replica from the others.</summary>
public sealed class RefusalTests
{
    private const string Marker = "x-slo-ttft-ms";

    [Fact]
    public async Task A_deadline_of_one_clients_own_is_its_answer_and_sets_no_replica_aside()
    {
        await using var a = await FakeWorker.StartedAsync(context => RefuseMarkedAsync(context, 503, "deadline_exceeded"));
        await using var b = await FakeWorker.StartedAsync(context => RefuseMarkedAsync(context, 503, "deadline_exceeded"));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b));

        using var hurried = await gateway.SendAsync(Marked("/v1/chat/completions"));

        hurried.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await EnvelopeTests.ErrorAsync(hurried)).GetProperty("code").GetString().ShouldBe("deadline_exceeded");
        hurried.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(30)); // the worker's
        (a.Seen.Count + b.Seen.Count).ShouldBe(1, "another's queue is not shorter for being asked later");
        Breakers(gateway).ShouldAllBe(breaker => breaker.IsClosed);
    }

    /// <summary>The worker waits for nobody longer than its own limit: then it is its queue that is too long.</summary>
    [Fact]
    public async Task A_deadline_that_the_client_did_not_ask_for_is_the_replicas()
    {
        await using var full = await FakeWorker.StartedAsync(context => RefuseAsync(context, 503, "deadline_exceeded"));
        await using var free = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(full, free));

        for (var i = 0; i < 10; i++)
        {
            using var response = await gateway.ChatAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        full.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_route_that_a_server_has_not_is_a_404_and_sets_no_replica_aside()
    {
        static Task Answer(HttpContext context) => context.Request.Path == "/apply-template"
            ? FakeWorker.WriteJsonAsync(context, """{"detail":"Not Found"}""", 404)
            : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
        await using var a = await FakeWorker.StartedAsync(Answer);
        await using var b = await FakeWorker.StartedAsync(Answer);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b));

        for (var i = 0; i < 4; i++)
        {
            using var response = await gateway.SendAsync(Marked("/apply-template"));
            response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        Breakers(gateway).ShouldAllBe(breaker => breaker.IsClosed);
    }

    /// <summary>Its last places are kept for projects of which none waits.</summary>
    [Fact]
    public async Task A_queue_that_is_full_for_one_project_is_not_shut_to_another()
    {
        await using var worker = await FakeWorker.StartedAsync(context => RefuseMarkedAsync(context, 429, "queue_full"));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Retries:Delay", "00:00:00.001"));

        using var refused = await gateway.SendAsync(Marked("/v1/chat/completions"));
        var breaker = Breakers(gateway).Single();
        using var other = await gateway.ChatAsync();

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(30)); // the worker's
        breaker.IsClosed.ShouldBeTrue();
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>They waited ten seconds, and were then refused.</summary>
    [Fact]
    public async Task Replicas_that_all_asked_one_request_for_time_are_asked_by_the_next_all_the_same()
    {
        await using var a = await FakeWorker.StartedAsync(context => RefuseMarkedAsync(context, 503, "model_not_ready"));
        await using var b = await FakeWorker.StartedAsync(context => RefuseMarkedAsync(context, 503, "model_not_ready"));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b));
        using var refused = await gateway.SendAsync(Marked("/v1/chat/completions"));
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Breakers(gateway).ShouldAllBe(breaker => !breaker.IsClosed);

        using var next = await gateway.ChatAsync();

        next.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>The worker says so of its engine's process; the connection is sound.</summary>
    [Fact]
    public async Task A_request_that_ends_the_engines_of_two_replicas_is_shown_to_no_third()
    {
        await using var a = await FakeWorker.StartedAsync(context => RefuseAsync(context, 503, "engine_died"));
        await using var b = await FakeWorker.StartedAsync(context => RefuseAsync(context, 503, "engine_died"));
        await using var c = await FakeWorker.StartedAsync(context => RefuseAsync(context, 503, "engine_died"));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(a, b, c));

        using var response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (a.Seen.Count + b.Seen.Count + c.Seen.Count).ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"error":{"message":"m","type":"t","param":null,"code":"queue_full"}}""", "queue_full")]
    [InlineData("""{"other":{"code":"x","error":{"code":"y"}},"error":{"details":{"code":"z"},"code":"queue_full"}}""", "queue_full")]
    [InlineData("""{"error":{"code":"queue_full","message":"cut o""", "queue_full")]
    [InlineData("""{"error":{"message":"m","code":404}}""", null)]
    [InlineData("""{"object":"error","message":"The model does not exist.","code":404}""", null)]
    [InlineData("""{"error":"model_not_found"}""", null)]
    [InlineData("""{"error":{"message":"\ud800","code":"\ud800"}}""", null)]
    [InlineData("[[", null)]
    [InlineData("", null)]
    public void The_code_of_a_refusal_is_found(string json, string? code) => ErrorCode.Of(System.Text.Encoding.UTF8.GetBytes(json)).ShouldBe(code);

    private static HttpRequestMessage Marked(string path)
    {
        var request = GatewayUnderTest.Request(HttpMethod.Post, path, json: """{"model":"demo-chat","messages":[]}""");
        request.Headers.Add(Marker, "1");
        return request;
    }

    private static Task RefuseMarkedAsync(HttpContext context, int status, string code) =>
        context.Request.Headers.ContainsKey(Marker) ? RefuseAsync(context, status, code) : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);

    /// <summary>As the worker does.</summary>
    private static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.Headers.RetryAfter = "30";
        return FakeWorker.WriteJsonAsync(context, $$$"""{"error":{"message":"No.","type":"server_error","param":null,"code":"{{{code}}}"}}""", status);
    }

    private static List<Breaker> Breakers(GatewayUnderTest gateway) =>
        [.. gateway.Services.GetRequiredService<CurrentRoutes>().Table!.Deployments.Values.Single().Replicas.Select(replica => replica.Breaker)]; // a snapshot was published
}

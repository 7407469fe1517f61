using System.Net;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Forwarding;

/// <summary>A second replica is asked for a stream whose first token is late. Which replica is the first is the gateway's choice, so both have one script.</summary>
public sealed class HedgingTests
{
    private const string Body = """{"model":"demo-chat","stream":true,"max_tokens":50,"messages":[]}""";
    private const string Usage = """data: {"id":"x","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}}""" + "\n\n";
    private static readonly string Answer = FakeWorker.Chunk("Hello") + Usage + "data: [DONE]\n\n";

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;

    [Fact]
    public async Task The_sooner_of_two_answers_the_other_is_stopped_and_one_is_paid()
    {
        await using var a = await FakeWorker.StartedAsync(context => Next() == 1 ? HangAsync(context) : FakeWorker.WriteEventAsync(context, Answer));
        await using var b = await FakeWorker.StartedAsync(a.Script);
        await using var gateway = await GatewayUnderTest.StartAsync(With(TimeSpan.FromMilliseconds(50), a, b).Limited(LimitScopes.Project, LimitMeasures.Tokens, LimitPeriods.Total, 10_000));
        using var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", json: Body);
        request.Headers.Add("x-aifactory-explain", "1");

        using var answer = await gateway.SendAsync(request);

        (await TextAsync(answer)).ShouldContain("Hello");
        answer.Headers.GetValues("x-aifactory-choice").ShouldBe(["reason=hedge; attempts=2; version=1"]);
        await _stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        (a.Seen.Count, b.Seen.Count).ShouldBe((1, 1));
        var tallies = gateway.Services.GetRequiredService<Tallies>();
        await GatewayUnderTest.UntilAsync(() => tallies.All.Sum(tally => tally.Figures().Used) == 11 && tallies.All.Sum(tally => tally.Figures().Reserved) == 0);
    }

    [Fact]
    public async Task One_that_is_late_and_sooner_all_the_same_answers_and_the_second_is_stopped()
    {
        await using var a = await FakeWorker.StartedAsync(context => Next() == 1 ? AnswerWhenToldAsync(context) : HangAsync(context));
        await using var b = await FakeWorker.StartedAsync(a.Script);
        await using var gateway = await GatewayUnderTest.StartAsync(With(TimeSpan.FromMilliseconds(50), a, b));

        var asking = gateway.ChatAsync(Body);
        await GatewayUnderTest.UntilAsync(() => a.Seen.Count + b.Seen.Count == 2);
        _go.SetResult();
        using var answer = await asking;

        (await TextAsync(answer)).ShouldContain("Hello");
        await _stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Of_two_of_which_one_fails_the_other_answers()
    {
        await using var a = await FakeWorker.StartedAsync(context => Next() == 1 ? AnswerWhenToldAsync(context) : FailAsync(context));
        await using var b = await FakeWorker.StartedAsync(a.Script);
        await using var gateway = await GatewayUnderTest.StartAsync(With(TimeSpan.FromMilliseconds(50), a, b));

        using var answer = await gateway.ChatAsync(Body);

        (answer.StatusCode, (await TextAsync(answer)).Contains("Hello", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.OK, true));

        Task FailAsync(HttpContext context)
        {
            _go.SetResult();
            return FakeWorker.WriteJsonAsync(context, "{}", 503);
        }
    }

    /// <summary>A replica that fails at once won every race: a slow answer became a quick error, which nobody would have seen without the second.</summary>
    [Theory]
    [InlineData(1, false, HttpStatusCode.OK)]
    [InlineData(2, false, HttpStatusCode.OK)]
    [InlineData(1, true, HttpStatusCode.InternalServerError)]
    public async Task An_error_waits_for_the_other_and_is_told_when_that_one_failed_too(int failing, bool both, HttpStatusCode status)
    {
        await using var a = await FakeWorker.StartedAsync(AnswerAsync);
        await using var b = await FakeWorker.StartedAsync(AnswerAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(With(TimeSpan.FromMilliseconds(50), a, b));

        using var answer = await gateway.ChatAsync(Body);

        (answer.StatusCode, (await TextAsync(answer)).Contains("Hello", StringComparison.Ordinal)).ShouldBe((status, !both));
        (a.Seen.Count, b.Seen.Count).ShouldBe((1, 1));
        if (both)
        {
            // Of one that lost it is chance whether its error had come by then.
            await GatewayUnderTest.UntilAsync(() => FailuresOf(gateway) == 2);
        }

        async Task AnswerAsync(HttpContext context)
        {
            if (Next() == failing)
            {
                // Both are asked, and the error is on the wire before the other one says anything.
                await GatewayUnderTest.UntilAsync(() => Volatile.Read(ref _asked) == 2);
                context.Response.OnCompleted(() =>
                {
                    _go.SetResult();
                    return Task.CompletedTask;
                });
                await FakeWorker.WriteJsonAsync(context, "{}", 500);
                return;
            }

            await _go.Task.WaitAsync(context.RequestAborted);
            await (both ? FakeWorker.WriteJsonAsync(context, "{}", 500) : FakeWorker.WriteEventAsync(context, Answer));
        }
    }

    /// <summary>The limit begins with the first. The clock stands still for the second, or goes on.</summary>
    [Theory]
    [InlineData(0, HttpStatusCode.OK, 1)]
    [InlineData(60, HttpStatusCode.GatewayTimeout, 2)]
    public async Task A_second_is_blamed_for_the_time_that_it_was_asked_for(int seconds, HttpStatusCode status, int failures)
    {
        var clock = new ManualTimeProvider();
        await using var a = await FakeWorker.StartedAsync(context => Next() <= 2 ? HangAsync(context) : FakeWorker.WriteEventAsync(context, Answer));
        await using var b = await FakeWorker.StartedAsync(a.Script);
        await using var c = await FakeWorker.StartedAsync(a.Script);
        await using var gateway = await GatewayUnderTest.StartAsync(With(TimeSpan.FromMilliseconds(50), a, b, c), clock, ("Forwarding:FirstTokenTimeout", "00:00:02"));

        var asking = gateway.ChatAsync(Body);
        await GatewayUnderTest.UntilAsync(() => Volatile.Read(ref _asked) == 2);
        clock.Advance(TimeSpan.FromSeconds(seconds));
        using var answer = await asking;

        answer.StatusCode.ShouldBe(status);
        FailuresOf(gateway).ShouldBe(failures);
    }

    /// <summary>The winner's stream may go on for minutes: until then the other would look loaded, and would be asked by others though it is away.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_is_not_asked_any_more_is_free_and_judged_before_the_other_has_ended(bool breaks)
    {
        await using var a = await FakeWorker.StartedAsync(AnswerAsync);
        await using var b = await FakeWorker.StartedAsync(AnswerAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(With(TimeSpan.FromMilliseconds(50), a, b));

        var asking = gateway.ChatAsync(Body);
        await GatewayUnderTest.UntilAsync(() => Volatile.Read(ref _asked) == 2 && ReplicasOf(gateway).Sum(replica => replica.InFlight) == 1 && FailuresOf(gateway) == (breaks ? 1 : 0));
        _go.SetResult();
        using var answer = await asking;

        (await TextAsync(answer)).ShouldContain("Hello");
        await GatewayUnderTest.UntilAsync(() => ReplicasOf(gateway).Sum(replica => replica.InFlight) == 0);

        async Task AnswerAsync(HttpContext context)
        {
            if (Next() == 1)
            {
                await GatewayUnderTest.UntilAsync(() => Volatile.Read(ref _asked) == 2);
                if (!breaks)
                {
                    await HangAsync(context);
                }

                context.Abort();
                return;
            }

            if (!breaks)
            {
                await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Hello"));
            }

            await _go.Task.WaitAsync(context.RequestAborted);
            await FakeWorker.WriteEventAsync(context, Answer);
        }
    }

    /// <summary>Each time a request that is hedged says that the others had the time to be.</summary>
    [Fact]
    public async Task In_time_without_a_stream_or_without_a_budget_one_is_asked()
    {
        var clock = new ManualTimeProvider();
        await using var a = await FakeWorker.StartedAsync(AnswerWhenToldAsync);
        await using var b = await FakeWorker.StartedAsync(AnswerWhenToldAsync);
        var plan = Plan.Of(Named("patient", TimeSpan.FromMinutes(5)), Named("whole", TimeSpan.FromSeconds(1)), Named("spent", TimeSpan.FromSeconds(1)), Named("fresh", TimeSpan.FromSeconds(1)));
        await using var gateway = await GatewayUnderTest.StartAsync(plan, clock, ("Retries:BudgetShare", "0"), ("Retries:BudgetFloor", "1"), ("Forwarding:FirstTokenTimeout", "01:00:00"), ("Forwarding:CompletionTimeout", "01:00:00"));

        // 1. Before its time is up, and where the first byte is the last.
        var answers = new List<Task<HttpResponseMessage>> { await AskAsync("patient", stream: true, 1), await AskAsync("whole", stream: false, 1), await AskAsync("spent", stream: true, 1) };
        await HedgedAsync("spent", 2);
        (Count("patient"), Count("whole")).ShouldBe((1, 1));

        // 2. Its deployment has sent again all that it may.
        answers.Add(await AskAsync("spent", stream: true, 3));
        answers.Add(await AskAsync("fresh", stream: true, 1));
        await HedgedAsync("fresh", 2);
        Count("spent").ShouldBe(3);

        _go.SetResult();
        foreach (var asking in answers)
        {
            using var answer = await asking;
            (await TextAsync(answer)).ShouldContain("Hello");
        }

        DeploymentRoute Named(string name, TimeSpan hedgeAfter) => Plan.Deployment(name, a, b) with { Routing = new RoutingPolicy { HedgeAfter = hedgeAfter } };

        int Count(string model) => a.Seen.Concat(b.Seen).Count(request => request.Body.Contains($"\"{model}\"", StringComparison.Ordinal));

        async Task<Task<HttpResponseMessage>> AskAsync(string model, bool stream, int count)
        {
            var asking = gateway.ChatAsync($$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[]}""");
            await GatewayUnderTest.UntilAsync(() => Count(model) == count);
            return asking;
        }

        // The clock goes on meanwhile: whoever waits for it may have begun to only now.
        Task HedgedAsync(string model, int count) => GatewayUnderTest.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            return Count(model) == count;
        });
    }

    /// <summary>A replica that is not stopped would hold the answer's end up for ever.</summary>
    private static Task<string> TextAsync(HttpResponseMessage answer) => GatewayUnderTest.TextAsync(answer).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    private static Plan With(TimeSpan hedgeAfter, params FakeWorker[] workers) => Plan.Of(Plan.Deployment("demo-chat", workers) with { Routing = new RoutingPolicy { HedgeAfter = hedgeAfter } });

    private static Replica[] ReplicasOf(GatewayUnderTest gateway) => gateway.Services.GetRequiredService<CurrentRoutes>().Table!.Deployments.Values.Single().Replicas; // a snapshot was published

    private static long FailuresOf(GatewayUnderTest gateway) => ReplicasOf(gateway).Sum(replica => replica.Failures);

    private int Next() => Interlocked.Increment(ref _asked);

    private async Task HangAsync(HttpContext context)
    {
        using var left = context.RequestAborted.Register(() => _stopped.TrySetResult());
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    private async Task AnswerWhenToldAsync(HttpContext context)
    {
        await _go.Task.WaitAsync(context.RequestAborted);
        await (context.Items[FakeWorker.BodyItem]?.ToString()?.Contains("stream\":true", StringComparison.Ordinal) == true ? FakeWorker.WriteEventAsync(context, Answer) : FakeWorker.WriteJsonAsync(context, FakeWorker.Completion));
    }
}

using System.Globalization;
using System.Net.Http.Json;
using AiFactory.Contracts;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Tests.Engine;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Serving;

/// <summary>What answers tell of the model's load to who asks for it.</summary>
[Collection(SharedWorker.Name)]
public sealed class LoadHeaderTests(WorkerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>FEATURES, row 116: the depth is the real backlog, also in the report.</summary>
    [Fact]
    public async Task The_report_is_the_queues_real_depth_in_the_form_that_was_asked_for()
    {
        var model = fixture.Worker.Registry.Ready.OfType<ServedModel>().Single(served => served.Assignment.Deployment == "endless");
        var engine = model.Generator.ShouldNotBeNull();
        await UntilAsync(() => engine.Load is { Running: 0, Waiting: 0 });

        // The engine's thread stands still in the middle of an answer, and so does its queue.
        using var held = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        List<Generation> all = [Submit(engine, text => { held.Set(); go.Wait(); return true; })];
        try
        {
            await UntilAsync(() => held.IsSet);
            all.AddRange(Enumerable.Range(0, 5).Select(_ => Submit(engine, null)));
            var load = engine.Load;
            (load.Running, load.Waiting).ShouldBe((1, 5));
            var use = ((double)load.CacheTokens / load.CacheCapacity).ToString("0.####", CultureInfo.InvariantCulture);
            use.ShouldNotBe("0");

            (await AskAsync("TEXT")).ShouldBe($"TEXT named_metrics.kv_cache_usage_perc={use}, named_metrics.num_requests_waiting=5, named_metrics.num_requests_running=1");
            (await AskAsync("json")).ShouldBe($$$"""JSON {"named_metrics": {"kv_cache_usage_perc": {{{use}}}, "num_requests_waiting": 5, "num_requests_running": 1}}""");
            (await LookAsync(model.Assignment.DeploymentId.ToString())).ShouldBe(await AskAsync("TEXT"));
            (await LookAsync(Guid.CreateVersion7().ToString())).ShouldBeNull();
            (await LookAsync("endless")).ShouldBeNull();
            (await AskAsync("BIN")).ShouldBeNull();
            (await AskAsync(null)).ShouldBeNull();
        }
        finally
        {
            go.Set();
        }

        foreach (var generation in all)
        {
            await EngineHarness.ReadAsync(generation);
        }

        // A whole answer's request has ended when its headers are made; that of a stream runs, or has run.
        (await AskAsync("TEXT", "/v1/completions", new { model = "endless", prompt = "Hello", max_tokens = 2 })).ShouldNotBeNull().ShouldEndWith("num_requests_waiting=0, named_metrics.num_requests_running=0");
        (await AskAsync("TEXT", "/v1/completions", new { model = "endless", prompt = "Hello", max_tokens = 2, stream = true })).ShouldNotBeNull().ShouldContain("num_requests_waiting=0");
    }

    private static Generation Submit(GenerationEngine engine, Func<string, bool>? isOver) =>
        engine.Submit(new GenerationRequest([10, 11, 12], 20, EngineHarness.Greedy, []) { IsOver = isOver }).ShouldBeOfType<Submission.Accepted>().Generation;

    private Task<string?> AskAsync(string? format) => AskAsync(format, "/tokenize", new { model = "endless", prompt = "Hello" });

    /// <summary>As a gateway looks at a worker, without an identity.</summary>
    private async Task<string?> LookAsync(string deployment)
    {
        using var client = fixture.Worker.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Add(WireHeaders.LoadFormat, "TEXT");
        request.Headers.Add(WireHeaders.Deployment, deployment);
        using var response = await client.SendAsync(request, Token);
        response.EnsureSuccessStatusCode();
        return response.Headers.TryGetValues(WireHeaders.Load, out var told) ? told.Single() : null;
    }

    private async Task<string?> AskAsync(string? format, string route, object body)
    {
        using var client = fixture.Worker.CreateCaller();
        using var request = new HttpRequestMessage(HttpMethod.Post, route) { Content = JsonContent.Create(body) };
        if (format is not null)
        {
            request.Headers.Add(WireHeaders.LoadFormat, format);
        }

        using var response = await client.SendAsync(request, Token);
        response.EnsureSuccessStatusCode();
        return response.Headers.TryGetValues(WireHeaders.Load, out var told) ? told.Single() : null;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(1, limit.Token);
        }
    }
}

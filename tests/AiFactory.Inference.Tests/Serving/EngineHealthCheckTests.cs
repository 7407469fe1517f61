using System.Collections;
using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Tests.Engine;
using AiFactory.Inference.Weights;
using AiFactory.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Serving;

public sealed class EngineHealthCheckTests(GeneratedModels models) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly InferenceTelemetry _telemetry = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ModelRegistry _registry = new();
    private readonly EngineOptions _options = new() { LongestStep = TimeSpan.FromSeconds(20) };
    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _released = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _telemetry.Dispose();
        _entered.Dispose();
        _released.Dispose();
    }

    [Fact]
    public async Task A_step_that_hangs_turns_readiness_off_and_its_end_turns_it_on()
    {
        await using var model = Load(models.Endless, ModelTasks.Chat);
        var answer = model.Generator.ShouldNotBeNull()
            .Submit(new GenerationRequest(model.Model.Tokenize("Tell", addSpecial: true, parseSpecial: true), 8, EngineHarness.Greedy, []) { IsOver = _ => Hang() })
            .ShouldBeOfType<Submission.Accepted>().Generation;

        await HangsAndRecoversAsync("hangs-chat");
        (await EngineHarness.ReadAsync(answer)).End.ShouldBeOfType<GenerationEvent.Finished>();
    }

    [Fact]
    public async Task A_batch_of_embeddings_that_hangs_turns_readiness_off_and_its_end_turns_it_on()
    {
        await using var model = Load(models.Embedding, ModelTasks.Embedding);
        var embeddings = model.Embedder.ShouldNotBeNull().EmbedAsync(new HangingTexts(Hang, [10, 11, 12]), RequestTerms.None, CancellationToken.None);

        await HangsAndRecoversAsync("hangs-embedding");
        (await embeddings.WaitAsync(Patience, Token)).ShouldBeOfType<EmbeddingOutcome.Computed>().Values.Length.ShouldBe(1);
    }

    private async Task HangsAndRecoversAsync(string deployment)
    {
        _entered.Wait(Patience, Token).ShouldBeTrue();
        (await CheckAsync()).Status.ShouldBe(HealthStatus.Healthy);
        _time.Advance(_options.LongestStep + TimeSpan.FromSeconds(1));
        var hung = await CheckAsync();
        hung.Status.ShouldBe(HealthStatus.Unhealthy);
        hung.Description.ShouldNotBeNull().ShouldContain(deployment);

        _released.Set();
        using var timeout = new CancellationTokenSource(Patience);
        while ((await CheckAsync()).Status != HealthStatus.Healthy)
        {
            await Task.Delay(1, timeout.Token);
        }
    }

    private bool Hang()
    {
        _entered.Set();
        _released.Wait(Patience);
        return false;
    }

    private Task<HealthCheckResult> CheckAsync() =>
        new EngineHealthCheck(_registry, LlamaRuntime.Load(NullLogger.Instance), Options.Create(_options)).CheckHealthAsync(new HealthCheckContext(), Token);

    private ServedModel Load(string path, string task)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        var assignment = new ModelAssignment(
            Guid.CreateVersion7(), "default", $"hangs-{task}", "m", 1, task, "models/m.gguf", $"sha256:{new string('0', 64)}", new FileInfo(path).Length, null, Slots: 1);
        var model = ServedModel.Load(assignment, new WeightsLease(path, File.OpenRead(path)), new MemoryBudget(Options.Create(_options)), _options, _telemetry, _time, NullLogger.Instance);
        _registry.Set(assignment, new WorkerModelStatus(assignment.DeploymentId, assignment.Digest, WorkerModelStates.Ready, null, null, null, null), model);
        return model;
    }

    /// <summary>One text, whose tokens the engine's thread waits for; the caller's may look at it.</summary>
    private sealed class HangingTexts(Func<bool> hang, int[] text) : IReadOnlyList<int[]>
    {
        public int Count => 1;

        public int[] this[int index]
        {
            get
            {
                hang();
                return text;
            }
        }

        public IEnumerator<int[]> GetEnumerator() => Enumerable.Repeat(text, 1).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

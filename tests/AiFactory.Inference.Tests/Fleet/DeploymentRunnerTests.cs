using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Fleet;
using AiFactory.Inference.Lifecycle;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Tests.Weights;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Quantization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Fleet;

public sealed class DeploymentRunnerTests(GeneratedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_was_told_to_sleep_did_not_die_whoever_wakes_it_then()
    {
        var power = new ModelPower();
        var stays = DeploymentRunner.StayAsync(new TaskCompletionSource().Task, power, Token);
        power.Sleep();
        var isDead = await stays.WaitAsync(TimeSpan.FromSeconds(20), Token);
        power.Wake();
        isDead.ShouldBeFalse();
    }

    /// <summary>The wish was seen only when the pause before the next attempt was over, and that may be minutes.</summary>
    [Fact]
    public async Task A_model_that_is_told_to_sleep_while_its_load_fails_sleeps_at_once()
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-runner-");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var time = new NoTimers();
        var (registry, powers, engine, worker) = (new ModelRegistry(), new ModelPowers(), Options.Create(new EngineOptions()), Options.Create(new WorkerOptions()));
        var cache = Options.Create(new WeightsOptions { Directory = folder.FullName });
        using var telemetry = new InferenceTelemetry();
        using var lifetime = new Lifetime();
        using var guard = new LoadGuard(cache, worker, time, lifetime, NullLogger<LoadGuard>.Instance);
        var assignment = new ModelAssignment(Guid.CreateVersion7(), "default", "fails", "m", 1, ModelTasks.Chat, "m.gguf", $"sha256:{new string('0', 64)}", 1, null, null);
        var verified = Verified.In(folder.FullName);
        var files = new DeploymentFiles(
            new ModelFiles(new FailingOnce(models.Endless, powers.Of(assignment.DeploymentId).Sleep)), new QuantizedWeights(verified, cache, time, NullLogger<QuantizedWeights>.Instance), verified, guard, engine);
        // Nothing is loaded, so no adapters are asked for.
        var runner = new DeploymentRunner(files, new ModelLoader(guard, new MemoryBudget(engine), telemetry, engine, time, NullLogger<ModelLoader>.Instance), powers, null!, registry, telemetry, engine, worker, time, NullLogger<DeploymentRunner>.Instance);

        var running = runner.RunAsync(assignment, null, stop.Token);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (registry.NextChange is var changed && !registry.Statuses.Any(status => status.State == WorkerModelStates.Sleeping))
        {
            await changed.WaitAsync(timeout.Token);
        }

        await stop.CancelAsync();
        (await running).ShouldBeNull();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_engine_that_ends_is_dead_also_while_it_is_told_to_sleep()
    {
        var (ended, power) = (new TaskCompletionSource(), new ModelPower());
        var stays = DeploymentRunner.StayAsync(ended.Task, power, Token);
        ended.SetException(new InvalidOperationException());
        (await stays.WaitAsync(TimeSpan.FromSeconds(20), Token)).ShouldBeTrue();
        power.Sleep();
        (await DeploymentRunner.StayAsync(ended.Task, power, Token)).ShouldBeTrue();
    }

    /// <summary>A pause never ends.</summary>
    private sealed class NoTimers : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private sealed class FailingOnce(string path, Action meanwhile) : IWeights
    {
        private bool _hasFailed;

        public Task<WeightsLease.File> AcquireAsync(WeightsPart part, Action<double> progress, CancellationToken cancellationToken)
        {
            if (!_hasFailed)
            {
                _hasFailed = true;
                meanwhile();
                throw new WeightsException("It cannot be had.");
            }

            return Task.FromResult(new WeightsLease.File(path, part.Digest, part.SizeBytes, File.OpenRead(path)));
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _never = new();

        public CancellationToken ApplicationStarted => _never.Token;

        public CancellationToken ApplicationStopping => _never.Token;

        public CancellationToken ApplicationStopped => _never.Token;

        public void StopApplication() => _never.Cancel();

        public void Dispose() => _never.Dispose();
    }
}

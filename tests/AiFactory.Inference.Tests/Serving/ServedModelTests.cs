using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Tests.Engine;
using AiFactory.Inference.Weights;
using AiFactory.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Serving;

public sealed class ServedModelTests(GeneratedModels models) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly InferenceTelemetry _telemetry = new();
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _telemetry.Dispose();

    [Fact]
    public async Task A_model_stays_in_memory_while_a_request_holds_it_and_nobody_else_gets_hold_of_it()
    {
        var model = Load(models.Chat);
        var use = model.TryUse().ShouldNotBeNull();
        // Its engine has ended: nothing but the request holds up the unloading, which would be over when it is asked for.
        await model.Generator.ShouldNotBeNull().StopAsync(TimeSpan.Zero);

        var unloading = model.UnloadAsync(TimeSpan.Zero);

        unloading.IsCompleted.ShouldBeFalse();
        model.TryUse().ShouldBeNull();
        use.Model.Model.IsClosed.ShouldBeFalse();
        use.Model.Model.Tokenize("still here", addSpecial: false, parseSpecial: false).ShouldNotBeEmpty();
        use.Dispose();
        await unloading.WaitAsync(Patience, Token);
        model.Model.IsClosed.ShouldBeTrue();
    }

    [Fact]
    public async Task What_was_waited_for_a_request_is_no_longer_left_to_the_answer_that_runs()
    {
        var grace = TimeSpan.FromHours(1);
        var model = Load(models.Endless);
        var use = model.TryUse().ShouldNotBeNull();
        var prompt = model.Model.Tokenize("Tell", addSpecial: true, parseSpecial: true);
        var answer = model.Generator.ShouldNotBeNull()
            .Submit(new GenerationRequest(prompt, model.ContextLength - prompt.Length, EngineHarness.Greedy, []))
            .ShouldBeOfType<Submission.Accepted>().Generation;

        while (model.Generator.Load.Running == 0)
        {
            await Task.Delay(1, Token);
        }

        var unloading = model.UnloadAsync(grace);
        _time.Advance(grace);
        use.Dispose();

        (await EngineHarness.ReadAsync(answer)).End.ShouldBeOfType<GenerationEvent.Stopped>();
        await unloading.WaitAsync(Patience, Token);
    }

    [Fact]
    public async Task What_is_loaded_must_fit_not_what_it_was_packed_from()
    {
        await using var model = Load(models.Quantised, ordered: 1L << 50);
        model.MemoryBytes.ShouldBeGreaterThan(0);
    }

    /// <param name="ordered">Bytes that the order names, where they are not the file's.</param>
    private ServedModel Load(string path, long? ordered = null)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        var options = new EngineOptions();
        var size = new FileInfo(path).Length;
        var assignment = new ModelAssignment(
            Guid.CreateVersion7(), "default", "chat", "chat", 1, ModelTasks.Chat, "models/chat.gguf", $"sha256:{new string('0', 64)}", ordered ?? size, null, Slots: 1);
        return ServedModel.Load(assignment, new WeightsLease([new(path, "", size, File.OpenRead(path))]), new MemoryBudget(Options.Create(options)), options, _telemetry, _time, NullLogger.Instance);
    }
}

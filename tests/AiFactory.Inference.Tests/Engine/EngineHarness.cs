using System.Text;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Engine;

/// <summary>An engine on a real model, without HTTP.</summary>
internal sealed class EngineHarness : IAsyncDisposable
{
    private readonly InferenceTelemetry _telemetry = new();

    public EngineHarness(string path, int contextLength = 512, int slots = 4, int batchSize = 128, int queueLimit = 256, TimeProvider? time = null, Func<EngineShape, EngineShape>? shape = null)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        Model = LlamaModel.Open(path);
        var size = new EngineShape(contextLength, slots, batchSize, Threads: 1, Poll: 0, queueLimit);
        Engine = new GenerationEngine(
            Model,
            shape?.Invoke(size) ?? size,
            new ModelMetrics(_telemetry, "test"),
            time ?? TimeProvider.System,
            NullLogger.Instance);
    }

    public InferenceTelemetry Telemetry => _telemetry;

    public LlamaModel Model { get; }

    public GenerationEngine Engine { get; }

    public static LlamaSamplerOptions Greedy { get; } = new(0, 1, 0, 0, 1, 1, 0, 0);

    public GenerationRequest Request(string prompt, int maxTokens, LlamaSamplerOptions? sampling = null, params string[] stop) =>
        new(Model.Tokenize(prompt, addSpecial: true, parseSpecial: true), maxTokens, sampling ?? Greedy, stop);

    public Generation Submit(GenerationRequest request) => Engine.Submit(request).ShouldBeOfType<Submission.Accepted>().Generation;

    public static async Task<(string Text, GenerationEvent End)> ReadAsync(Generation generation)
    {
        var text = new StringBuilder();
        GenerationEvent? end = null;
        await foreach (var next in generation.ReadAsync(TestContext.Current.CancellationToken))
        {
            if (next is GenerationEvent.Text part)
            {
                part.Value.ShouldNotBeEmpty();
                text.Append(part.Value);
            }
            else
            {
                end.ShouldBeNull();
                end = next;
            }
        }

        return (text.ToString(), end.ShouldNotBeNull());
    }

    public async Task<(string Text, GenerationEvent.Finished End)> RunAsync(GenerationRequest request)
    {
        var (text, end) = await ReadAsync(Submit(request));
        return (text, end.ShouldBeOfType<GenerationEvent.Finished>());
    }

    public async Task WaitUntilAsync(Func<EngineLoad, bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition(Engine.Load))
        {
            await Task.Delay(1, timeout.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Model.Dispose();
        _telemetry.Dispose();
    }
}

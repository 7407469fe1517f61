using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Engine;

public sealed class EmbeddingEngineTests(GeneratedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_short_text_and_a_long_one_wait_for_a_batch_and_not_for_all_of_a_list()
    {
        LlamaRuntime.Load(NullLogger.Instance);
        using var model = LlamaModel.Open(models.Embedding);
        await using var engine = new EmbeddingEngine(model, new EngineShape(512, 4, 512, Threads: 1, Poll: 0, QueueLimit: 16), TimeProvider.System, NullLogger.Instance);
        // Two of these do not fit together.
        var list = engine.TryEmbed([.. Enumerable.Repeat(Text(200), 4000)], CancellationToken.None).ShouldNotBeNull();
        var other = engine.TryEmbed([.. Enumerable.Repeat(Text(20), 4000)], CancellationToken.None).ShouldNotBeNull();

        var single = await engine.TryEmbed([Text(10)], Token).ShouldNotBeNull().WaitAsync(TimeSpan.FromSeconds(30), Token);
        var whole = await engine.TryEmbed([Text(engine.ContextLength)], Token).ShouldNotBeNull().WaitAsync(TimeSpan.FromSeconds(30), Token);

        (single.Length, whole.Length).ShouldBe((1, 1));
        (list.IsCompleted, other.IsCompleted).ShouldBe((false, false));
        await engine.StopAsync(TimeSpan.Zero);
        await Should.ThrowAsync<EngineStoppedException>(() => list);
        await Should.ThrowAsync<EngineStoppedException>(() => other);
    }

    private static int[] Text(int tokens) => [.. Enumerable.Range(0, tokens).Select(index => 10 + (index % 40))];
}

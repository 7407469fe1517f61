using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Testing.Postgres;

namespace AiFactory.Builder.Tests.Knowledge;

public sealed class KillTests(PostgresFixture postgres)
{
    private const int Batch = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_that_is_killed_in_the_third_batch_leaves_two_that_are_not_embedded_again()
    {
        var objects = Directory.CreateTempSubdirectory("aifactory-kill-");
        await using var gateway = await FakeGateway.StartedAsync();
        var inThird = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Script = async (context, body) =>
        {
            if (gateway.Batches() == 3)
            {
                inThird.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await FakeGateway.EmbedAsync(context, body);
        };
        var settings = Settings(await postgres.CreateDatabaseAsync(Token), objects.FullName, gateway);
        await using var first = new BuilderProcess("all", settings);
        first.Start();
        await first.ReadyAsync();
        await first.Client.CreateBaseAsync("manual", chunkSize: 100, chunkOverlap: 0);
        var document = await (await first.Client.UploadAsync("manual", "long.txt", LongText(30))).ReadAsync<DocumentResponse>();
        await inThird.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);

        first.Kill();
        await using var second = new BuilderProcess("all", settings);
        second.Start();
        await second.ReadyAsync();
        var ready = await second.Client.UntilEndAsync("manual", document.Id);

        (ready.State, ready.Chunks, ready.Embedded).ShouldBe((DocumentStates.Ready, 30, 30), ready.Error);
        var texts = gateway.Texts();
        texts.Distinct().Count().ShouldBe(30);
        texts.CountBy(text => text).Where(text => text.Value > 1).Select(text => text.Key).ShouldBe(texts.Skip(2 * Batch).Take(Batch), "the batch under way, and nothing else");
        texts.Count.ShouldBe(30 + Batch);
        (await second.Client.SearchAsync("manual", "Paragraph 29", SearchModes.Text)).Results[0].Text.ShouldStartWith("Paragraph 29 ");
        objects.Delete(recursive: true);
    }

    private static Dictionary<string, string> Settings(string database, string objects, FakeGateway gateway) => new()
    {
        ["ConnectionStrings:builderdb"] = database,
        ["ConnectionStrings:objects"] = $"Directory={objects}",
        ["services:gateway:http:0"] = gateway.Address.ToString(),
        ["Knowledge:BatchSize"] = $"{Batch}",
        ["Knowledge:Parallel"] = "1",
        ["Knowledge:Lease"] = "00:00:02",
    };

    private static string LongText(int paragraphs) =>
        string.Join("\n\n", Enumerable.Range(0, paragraphs).Select(i => $"Paragraph {i} speaks of {new string((char)('a' + (i % 26)), 50)} and nothing else."));
}

using AiFactory.Builder.Tests.Edges;
using AiFactory.Builder.Tests.Knowledge;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Testing.Postgres;
using static AiFactory.Builder.Tests.Edges.Graphs;

namespace AiFactory.Builder.Tests.Steps;

public sealed class RetrieveStepTests(PostgresFixture postgres)
{
    /// <summary>The names had commas between them, so one with a comma could not be named.</summary>
    [Fact]
    public async Task Documents_are_named_one_a_line()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        foreach (var name in (string[])["report, final.md", "oven.md", "tray.md"])
        {
            await client.TakeInAsync("manual", name, "The oven heats to 220 degrees.");
        }

        var step = Node("find", "retrieve", ("knowledgeBase", "manual"), ("mode", SearchModes.Text), ("documents", "report, final.md\r\n\n oven.md "));
        var run = await client.RunAsync(Around(step, "text"), "How hot is the oven?");

        run.State.ShouldBe(RunStates.Succeeded, run.Error);
        var passages = run.Steps.ShouldNotBeNull()[1].Output.ShouldNotBeNull().GetProperty("passages");
        passages.EnumerateArray().Select(passage => passage.GetProperty("documentName").GetString()).ShouldBe(["oven.md", "report, final.md"], ignoreOrder: true);
    }
}

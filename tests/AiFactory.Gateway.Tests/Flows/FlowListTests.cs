using System.Net;
using System.Text.Json;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Flows;

public sealed class FlowListTests
{
    private const string Flows =
        """{"object":"list","data":[{"id":"flow/support","object":"model","created":7,"owned_by":"default"},{"id":"demo-chat","object":"model","created":7,"owned_by":"forged"}]}""";

    [Fact]
    public async Task Published_flows_are_listed_behind_the_models_and_asked_for_once()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var builder = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Flows));
        await using var gateway = await StartAsync(builder, worker);

        using var first = await gateway.GetAsync("/v1/models");
        using var second = await gateway.GetAsync("/v1/models");

        (await NamesAsync(first)).ShouldBe(["demo-chat", "flow/support"]);
        (await NamesAsync(second)).ShouldBe(["demo-chat", "flow/support"]);
        builder.Seen.Single().Target.ShouldBe("/v1/models");
        builder.Seen.Single().Headers["OpenAI-Project"].ShouldBe("default");
    }

    [Theory]
    [InlineData("/v1/models/flow/support")]
    [InlineData("/v1/models/flow%2Fsupport")]
    public async Task One_flow_is_described(string path)
    {
        await using var builder = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Flows));
        await using var gateway = await StartAsync(builder);

        using var response = await gateway.GetAsync(path);
        using var other = await gateway.GetAsync("/v1/models/flow/other");

        (await GatewayUnderTest.TextAsync(response)).ShouldBe("""{"id":"flow/support","object":"model","created":7,"owned_by":"default"}""");
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Each_project_has_its_own_flows()
    {
        await using var builder = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Flows.Replace("support", $"of-{context.Request.Headers["OpenAI-Project"]}")));
        await using var gateway = await StartAsync(builder);

        using var mine = await gateway.GetAsync("/v1/models");
        using var theirs = await gateway.GetAsync("/v1/models", Plan.OtherKey);

        (await NamesAsync(mine)).ShouldBe(["flow/of-default"]);
        (await NamesAsync(theirs)).ShouldBe(["flow/of-other"]);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("silent")]
    [InlineData("not json")]
    [InlineData("refuses")]
    public async Task Without_an_answer_of_the_builder_the_models_are_listed_all_the_same(string builders)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var builder = await FakeWorker.StartedAsync(context => builders switch
        {
            "silent" => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "not json" => FakeWorker.WriteJsonAsync(context, "<html>"),
            _ => FakeWorker.WriteJsonAsync(context, "{}", 403),
        });
        await using var gateway = await StartAsync(builder, worker);
        if (builders == "down")
        {
            await builder.KillAsync();
        }

        using var response = await gateway.GetAsync("/v1/models");

        (await NamesAsync(response)).ShouldBe(["demo-chat"]);
    }

    private static async Task<IEnumerable<string?>> NamesAsync(HttpResponseMessage response)
    {
        var list = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement;
        return [.. list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString())];
    }

    private static Task<GatewayUnderTest> StartAsync(FakeWorker builder, params FakeWorker[] workers) => GatewayUnderTest.StartAsync(
        workers.Length == 0 ? new Plan() : Plan.Chat(workers), ("services:builder:http:0", builder.Address.ToString()), ("Flows:ListTimeout", "00:00:00.500"));
}

using System.Net;
using System.Text.Json;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.OpenAI;

public sealed class ModelListTests
{
    [Theory]
    [InlineData(Plan.DeveloperKey, null, new[] { "mine", "shared" })]
    [InlineData(Plan.OtherKey, null, new[] { "shared", "theirs" })]
    [InlineData(Plan.AdminKey, "other", new[] { "shared", "theirs" })]
    public async Task A_caller_sees_the_models_that_it_may_use_and_that_are_ready(string key, string? project, string[] models)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(TwoProjects(worker));

        using var response = await ListAsync(gateway, key, project);

        var list = JsonDocument.Parse(await GatewayUnderTest.TextAsync(response)).RootElement;
        list.GetProperty("object").GetString().ShouldBe("list");
        list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ShouldBe(models);
    }

    [Fact]
    public async Task A_key_of_one_project_cannot_name_another()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        using var response = await ListAsync(gateway, Plan.DeveloperKey, "other");

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await EnvelopeTests.ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("mismatched_project");
    }

    [Fact]
    public async Task One_model_is_described_with_its_owner()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(TwoProjects(worker));

        using var response = await gateway.GetAsync("/v1/models/shared");
        using var asleep = await gateway.GetAsync("/v1/models/asleep");
        using var theirs = await gateway.GetAsync("/v1/models/theirs");

        (await GatewayUnderTest.TextAsync(response)).ShouldBe("""{"id":"shared","object":"model","created":1767225600,"owned_by":"other"}""");
        asleep.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        theirs.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("/v1/models/acme/chat")]
    [InlineData("/v1/models/acme%2Fchat")]
    [InlineData("/v1/models/acme%2fchat")]
    public async Task A_name_with_a_slash_is_found_by_its_path(string path)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("acme/chat", worker)));

        using var response = await gateway.GetAsync(path);
        using var other = await gateway.GetAsync($"{path}/more");

        (await GatewayUnderTest.TextAsync(response)).ShouldContain("\"id\":\"acme/chat\"");
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_projects_own_model_comes_before_a_shared_one_of_its_name()
    {
        await using var own = await FakeWorker.StartedAsync();
        await using var shared = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(
            Plan.Deployment("demo-chat", "other", "chat", "factory", shared), Plan.Deployment("demo-chat", own)));

        using var mine = await gateway.ChatAsync();
        using var theirs = await gateway.ChatAsync(key: Plan.OtherKey);

        own.Seen.Count.ShouldBe(1);
        shared.Seen.Count.ShouldBe(1);
    }

    private static Plan TwoProjects(FakeWorker worker) => Plan.Of(
        Plan.Deployment("mine", worker),
        Plan.Deployment("asleep"),
        Plan.Deployment("withdrawn", worker) with { Revoked = "its licence has ended" },
        Plan.Deployment("theirs", "other", "chat", "project", worker),
        Plan.Deployment("shared", "other", "chat", "factory", worker));

    private static Task<HttpResponseMessage> ListAsync(GatewayUnderTest gateway, string key, string? project)
    {
        var request = GatewayUnderTest.Request(HttpMethod.Get, "/v1/models", key);
        if (project is not null)
        {
            request.Headers.Add("OpenAI-Project", project);
        }

        return gateway.SendAsync(request);
    }
}

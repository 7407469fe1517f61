using System.Net;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Batches.Running;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Authentication;

/// <summary>Callers of the whole factory name the project that a request is about: one that there is.</summary>
public sealed class NamedProjectTests
{
    private const string Body = """{"model":"demo-chat","messages":[]}""";

    /// <summary>Each name that was made up had an allowance of its own.</summary>
    [Fact]
    public async Task A_project_that_is_not_there_is_not_found_and_has_no_allowance()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(PlanOf(worker) with
        {
            Projects = ["default", "other"],
            Limits = [new LimitRoute(Guid.CreateVersion7(), "each-project", null, LimitScopes.Project, null, null, LimitMeasures.Requests, LimitPeriods.Total, 1)],
        });

        foreach (var (method, path, body) in new[]
        {
            (HttpMethod.Post, "/v1/chat/completions", Body), (HttpMethod.Post, "/api/infer", """{"model":"demo-chat","payload":{"messages":[]}}"""), (HttpMethod.Get, "/v1/models", null), (HttpMethod.Get, "/v1/batches", null),
        })
        {
            var (status, text) = await AskAsync(gateway, "nowhere", method, path, body);
            status.ShouldBe(HttpStatusCode.NotFound, path);
            text.ShouldContain("project_not_found");
            text.ShouldContain("'nowhere', which does not exist. If it was made just now, the gateways will know it in a moment: try again.");
        }

        (await AskAsync(gateway, new string('x', 5000))).Text.Length.ShouldBeLessThan(400);
        worker.Seen.ShouldBeEmpty();
        (await AskAsync(gateway, "other")).Status.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(gateway, "other")).Status.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_project_that_was_just_made_is_there_with_the_next_snapshot_and_work_that_another_gateway_took_for_it_waits_for_none()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = PlanOf(worker) with { Projects = ["default"] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        (await AskAsync(gateway, "new")).Status.ShouldBe(HttpStatusCode.NotFound);

        var work = new DefaultHttpContext { RequestServices = gateway.Services };
        work.Features.Set(new WorkOwner($"key:{plan.Keys[0].Id}", $"key:{plan.Keys[0].Id}"));
        work.Request.Headers[ModelCallers.ProjectHeader] = "new";
        gateway.Services.GetRequiredService<ModelCallers>().Find(work, out _, out _).ShouldBeNull("or each line of a batch would end as an error");

        await gateway.PublishAsync(plan with { Version = 2, Projects = ["default", "new"] });
        (await AskAsync(gateway, "new")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_a_library_that_does_not_say_which_projects_there_are_any_is_taken()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(PlanOf(worker));

        (await AskAsync(gateway, "anywhere")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_may_name_no_other_project_learns_of_none()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(PlanOf(worker) with { Projects = ["default", "other"] });

        foreach (var project in new[] { "other", "nowhere" })
        {
            var (status, text) = await AskAsync(gateway, project, key: Plan.DeveloperKey);
            (status, text.Contains("mismatched_project", StringComparison.Ordinal)).ShouldBe((HttpStatusCode.Forbidden, true), text);
        }
    }

    private static Plan PlanOf(FakeWorker worker) => Plan.Of(Plan.Deployment("demo-chat", "default", "chat", "factory", worker));

    private static Task<(HttpStatusCode Status, string Text)> AskAsync(GatewayUnderTest gateway, string project, string key = Plan.AdminKey) =>
        AskAsync(gateway, project, HttpMethod.Post, "/v1/chat/completions", Body, key);

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(GatewayUnderTest gateway, string project, HttpMethod method, string path, string? body, string key = Plan.AdminKey)
    {
        using var request = GatewayUnderTest.Request(method, path, key, body);
        request.Headers.Add(ModelCallers.ProjectHeader, project);
        using var answer = await gateway.SendAsync(request);
        return (answer.StatusCode, await GatewayUnderTest.TextAsync(answer));
    }
}

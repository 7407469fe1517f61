using System.Net;
using System.Text;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Management;

public sealed class BuilderCallerTests
{
    [Fact]
    public async Task The_builder_calls_a_projects_model_without_a_key_and_the_worker_learns_for_whom()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var answer = await gateway.ChatAsync(key: Token(gateway, "default"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await GatewayUnderTest.TextAsync(answer));
        var authorization = worker.Seen.ShouldHaveSingleItem().Headers["Authorization"];
        Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(authorization.Split('.')[1])).ShouldContain("\"sub\":\"builder:default\"");
    }

    [Fact]
    public async Task The_builders_token_opens_no_other_project_and_nothing_but_models()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var foreign = await gateway.ChatAsync(key: Token(gateway, "other"));
        using var named = GatewayUnderTest.Request(HttpMethod.Get, "/v1/models", Token(gateway, "other"));
        named.Headers.Add("OpenAI-Project", "default");
        using var asked = await gateway.SendAsync(named);
        using var management = await gateway.GetAsync("/api/library/projects", Token(gateway, "default"));
        using var service = await gateway.ChatAsync(key: Token(gateway, "default", TokenAudiences.Service));
        using var session = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/session", key: null, json: $"{{\"key\":\"{Token(gateway, "default")}\"}}"));

        foreign.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        asked.IsSuccessStatusCode.ShouldBeFalse();
        management.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        service.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        session.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Requests_for_the_builder_are_forwarded_and_without_one_the_gateway_serves_on()
    {
        await using var builder = new Echo();
        await builder.StartAsync();
        await using var with = await GatewayUnderTest.StartAsync(new Plan(), ("services:builder:http:0", builder.Address.ToString()));
        await using var without = await GatewayUnderTest.StartAsync(new Plan(), ("services:builder:http:0", "http://127.0.0.1:1"));

        using var there = await with.GetAsync("/api/builder/projects/default/flows?limit=2");
        using var away = await without.GetAsync("/api/builder/projects/default/flows");

        (await GatewayUnderTest.TextAsync(there)).ShouldBe("/api/builder/projects/default/flows?limit=2");
        away.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await GatewayUnderTest.TextAsync(away)).ShouldContain("'builder' does not answer");
    }

    private static string Token(GatewayUnderTest gateway, string project, string audience = TokenAudiences.Builder) =>
        gateway.Services.GetRequiredService<IdentityTokens>().Issue(
            new InternalIdentity($"builder:{project}", project, true, [], [Permissions.InferenceInvoke]), null, audience);

    private sealed class Echo : KestrelEdge
    {
        protected override Task AnswerAsync(HttpContext context) => context.Response.WriteAsync(context.Request.Path + context.Request.QueryString);
    }
}

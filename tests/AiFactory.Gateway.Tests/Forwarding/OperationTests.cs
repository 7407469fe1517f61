using System.Net;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Forwarding;

/// <summary>Which route goes to which model.</summary>
public sealed class OperationTests
{
    [Theory]
    [InlineData("/v1/chat/completions", "chat", 200)]
    [InlineData("/v1/completions", "chat", 200)]
    [InlineData("/v1/responses", "chat", 200)]
    [InlineData("/v1/embeddings", "embedding", 200)]
    [InlineData("/v1/rerank", "rerank", 200)]
    [InlineData("/v1/rerank", "embedding", 200)]
    [InlineData("/v1/rerank", "chat", 400)]
    [InlineData("/v1/score", "rerank", 200)]
    [InlineData("/v1/score", "chat", 400)]
    [InlineData("/tokenize", "chat", 200)]
    [InlineData("/tokenize", "embedding", 200)]
    [InlineData("/detokenize", "rerank", 200)]
    [InlineData("/apply-template", "chat", 200)]
    [InlineData("/apply-template", "embedding", 400)]
    [InlineData("/v1/responses", "embedding", 400)]
    [InlineData("/v1/chat/completions", "rerank", 400)]
    public async Task A_route_takes_models_of_its_tasks_and_goes_to_the_same_route_of_the_replica(string route, string task, int status)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("m", "default", task, "project", worker)));

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, route, json: """{"model":"m","documents":["a"]}"""));

        ((int)response.StatusCode).ShouldBe(status);
        worker.Seen.Select(seen => seen.Target).ShouldBe(status == 200 ? [route] : []);
        if (status != 200)
        {
            (await GatewayUnderTest.TextAsync(response)).ShouldContain($"has the task '{task}', which {route} cannot use");
        }
    }

    [Theory]
    [InlineData("/v1/responses")]
    [InlineData("/v1/completions")]
    [InlineData("/tokenize")]
    public async Task A_flow_is_a_model_for_chats_alone(string route)
    {
        await using var builder = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("services:builder:http:0", builder.Address.ToString()));

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, route, json: """{"model":"flow/answers","input":"Hi"}"""));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await GatewayUnderTest.TextAsync(response)).ShouldContain("operation_not_supported");
    }
}

using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Infer;

/// <summary>FEATURES row 42: one contract, whatever kind of model a worker serves.</summary>
[Collection(SharedWorker.Name)]
public sealed class InferEndpointTests(WorkerFixture fixture)
{
    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Models => new()
    {
        { "chat", """{"messages":[{"role":"user","content":"Hello"}],"max_tokens":4,"stream":true}""", "chat" },
        { "embed", """{"input":["one","two"]}""", "embedding" },
        { "rank", """{"query":"water","documents":["the river","a house"]}""", "rerank" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public async Task The_contract_holds_for_every_kind_of_model(string model, string payload, string task)
    {
        using var response = await PostAsync($$"""{"model":"{{model}}","payload":{{payload}}}""");
        var answer = await response.Content.ReadFromJsonAsync(OpenAIJson.Default.InferResponse, Token);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.ShouldNotBeNull();
        answer.Model.ShouldBe(model);
        answer.Task.ShouldBe(task);
        answer.Output.GetProperty("object").GetString().ShouldNotBeNullOrEmpty();
        answer.Usage.ShouldNotBeNull().PromptTokens.ShouldBeGreaterThan(0);
        (await _client.GetAsync("/healthz", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _client.GetAsync("/metrics", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"model":"chat"}""", HttpStatusCode.BadRequest, "payload")]
    [InlineData("""{"model":"chat","payload":[1]}""", HttpStatusCode.BadRequest, "payload")]
    [InlineData("""{"model":"chat","payload":{"messages":7}}""", HttpStatusCode.BadRequest, "$.messages")]
    [InlineData("""{"model":"nobody","payload":{}}""", HttpStatusCode.NotFound, "nobody")]
    [InlineData("""{"payload":{}}""", HttpStatusCode.BadRequest, "model")]
    public async Task A_bad_envelope_is_refused_by_what_is_wrong_with_it(string body, HttpStatusCode status, string named)
    {
        using var response = await PostAsync(body);

        response.StatusCode.ShouldBe(status);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Message.ShouldContain(named);
    }

    [Fact]
    public async Task A_caller_without_an_identity_is_refused()
    {
        using var stranger = new HttpClient { BaseAddress = _client.BaseAddress };
        using var response = await stranger.PostAsync("/infer", JsonContent.Create(new { model = "chat", payload = new { } }), Token);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private Task<HttpResponseMessage> PostAsync(string body) =>
        _client.PostAsync("/infer", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Token);
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Chat;

[Collection(SharedWorker.Name)]
public sealed class RequestTermsTests(WorkerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("1e3")]
    [InlineData("99999999999")]
    public async Task A_deadline_that_is_none_is_refused_by_its_name(string value)
    {
        var error = await RefuseAsync(new { model = "endless", messages = Messages, max_tokens = 1 }, value);
        error.Param.ShouldBe(WireHeaders.FirstTokenMilliseconds);
    }

    [Fact]
    public async Task A_priority_out_of_bounds_is_refused_by_its_name() =>
        (await RefuseAsync(new { model = "endless", messages = Messages, max_tokens = 1, priority = 101 }, "1000")).Param.ShouldBe("priority");

    [Fact]
    public async Task A_request_with_priority_objective_and_time_is_answered()
    {
        using var response = await SendAsync(new { model = "endless", messages = Messages, max_tokens = 2, priority = -3 }, "60000");
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token)).ShouldNotBeNull().Usage.ShouldNotBeNull().CompletionTokens.ShouldBe(2);
    }

    [Fact]
    public async Task A_request_that_waits_too_long_is_answered_503_before_anything_is_computed_for_it()
    {
        using var client = fixture.Worker.CreateCaller();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var engine = fixture.Worker.Registry.Ready.OfType<ServedModel>().Single(model => model.Assignment.Deployment == "endless").Generator.ShouldNotBeNull();
        var busy = Enumerable.Range(0, 4).Select(_ => client.PostAsJsonAsync("/v1/chat/completions", new { model = "endless", messages = Messages, max_tokens = 400 }, leaving.Token)).ToList();
        while (engine.Load.Running < 4)
        {
            await Task.Delay(1, Token);
        }

        using var response = await SendAsync(new { model = "endless", messages = Messages, max_tokens = 2 }, "1", objective: "standard");
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Code.ShouldBe("deadline_exceeded");
        response.Headers.RetryAfter.ShouldNotBeNull();
        await leaving.CancelAsync();
        await Task.WhenAll(busy).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Theory]
    [InlineData("/v1/embeddings", """{"model":"embed","input":"x","priority":101}""", "priority")]
    [InlineData("/v1/rerank", """{"model":"rank","query":"x","documents":["y"],"priority":-101}""", "priority")]
    [InlineData("/v1/score", """{"model":"rank","text_1":"x","text_2":"y","priority":101}""", "priority")]
    [InlineData("/v2/models/rank/infer", """{"inputs":[{"name":"query","shape":[1],"datatype":"BYTES","data":["x"]},{"name":"text_input","shape":[1],"datatype":"BYTES","data":["y"]}],"parameters":{"priority":101}}""", "priority")]
    [InlineData("/v1/embeddings", """{"model":"embed","input":"x"}""", WireHeaders.FirstTokenMilliseconds)]
    [InlineData("/v1/rerank", """{"model":"rank","query":"x","documents":["y"]}""", WireHeaders.FirstTokenMilliseconds)]
    public async Task Embeddings_and_ranks_take_the_same_terms(string route, string body, string parameter)
    {
        using var client = fixture.Worker.CreateCaller();
        using var request = new HttpRequestMessage(HttpMethod.Post, route) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add(WireHeaders.FirstTokenMilliseconds, parameter == "priority" ? "60000" : "soon");
        using var response = await client.SendAsync(request, Token);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Token)).ShouldContain(parameter);
    }

    [Fact]
    public async Task An_embedding_that_waits_too_long_is_answered_503_before_anything_is_computed_for_it()
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var engine = fixture.Worker.Registry.Ready.OfType<ServedModel>().Single(model => model.Assignment.Deployment == "embed").Embedder.ShouldNotBeNull();
        // More urgent, and each of its texts fills a batch.
        var busy = engine.EmbedAsync([.. Enumerable.Repeat(Enumerable.Repeat(10, engine.ContextLength).ToArray(), 10_000)], new RequestTerms("other", Priority: -50), leaving.Token);

        using var response = await SendAsync(new { model = "embed", input = "x" }, "1", objective: "standard", route: "/v1/embeddings");
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Code.ShouldBe("deadline_exceeded");
        response.Headers.RetryAfter.ShouldNotBeNull();
        await leaving.CancelAsync();
        await busy.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static object[] Messages { get; } = [new { role = "user", content = "x" }];

    private async Task<ErrorBody> RefuseAsync(object body, string milliseconds)
    {
        using var response = await SendAsync(body, milliseconds);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        return (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error;
    }

    private async Task<HttpResponseMessage> SendAsync(object body, string milliseconds, string objective = "critical", string route = "/v1/chat/completions")
    {
        using var client = fixture.Worker.CreateCaller();
        using var request = new HttpRequestMessage(HttpMethod.Post, route) { Content = JsonContent.Create(body) };
        request.Headers.Add(WireHeaders.FirstTokenMilliseconds, milliseconds);
        request.Headers.Add(WireHeaders.Objective, objective);
        return await client.SendAsync(request, Token);
    }
}

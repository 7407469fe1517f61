using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Chat;

public sealed class RequestTermsTests(WorkerFixture fixture) : IClassFixture<WorkerFixture>
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
        var engine = fixture.Worker.Registry.Ready.Single(model => model.Assignment.Deployment == "endless").Generator.ShouldNotBeNull();
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

    private static object[] Messages { get; } = [new { role = "user", content = "x" }];

    private async Task<ErrorBody> RefuseAsync(object body, string milliseconds)
    {
        using var response = await SendAsync(body, milliseconds);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        return (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error;
    }

    private async Task<HttpResponseMessage> SendAsync(object body, string milliseconds, string objective = "critical")
    {
        using var client = fixture.Worker.CreateCaller();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(body) };
        request.Headers.Add(WireHeaders.FirstTokenMilliseconds, milliseconds);
        request.Headers.Add(WireHeaders.Objective, objective);
        return await client.SendAsync(request, Token);
    }
}

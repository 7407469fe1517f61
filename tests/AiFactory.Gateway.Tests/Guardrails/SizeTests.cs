using System.Net;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Guardrails;

public sealed class SizeTests
{
    private static readonly GuardrailRule Short = new() { Name = "short", Kind = "size", Action = "block", AppliesTo = "input", Sizes = new GuardrailSizes { Tokens = 100 } };

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","max_tokens":5000,"messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","max_tokens":50,"n":3,"messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","n":101,"messages":[]}""")]
    [InlineData("/v1/completions", """{"model":"demo-chat","max_tokens":50,"best_of":3,"prompt":"x"}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","\u006d\u0061\u0078\u005f\u0063\u006f\u006d\u0070\u006c\u0065\u0074\u0069\u006f\u006e\u005f\u0074\u006f\u006b\u0065\u006e\u0073":5000,"messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","max_tokens":"5000","messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","max_tokens":-1,"messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","max_tokens":5e3,"messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","max_tokens":50,"Max_Tokens":5000,"messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","max_tokens":50,"n_predict":5000,"messages":[]}""")]
    [InlineData("/v2/models/demo-chat/infer", """{"inputs":[{"name":"text_input","datatype":"BYTES","shape":[1],"data":["hi"]}]}""")]
    [InlineData("/v2/models/demo-chat/infer", """{"inputs":[{"name":"text_input","datatype":"BYTES","shape":[1],"data":["hi"]}],"parameters":{"max_tokens":5000}}""")]
    [InlineData("/v2/models/demo-chat/infer", """{"inputs":[{"data":[5000],"name":"max_tokens","datatype":"INT32","shape":[1]},{"name":"text_input","datatype":"BYTES","shape":[1],"data":["hi"]}]}""")]
    public async Task Nobody_gets_more_tokens_by_saying_it_otherwise(string path, string body)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker));

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, json: body));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, await GatewayUnderTest.TextAsync(response));
        worker.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","messages":[]}""", """{"max_tokens":100,"model":"demo-chat","messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","n":3,"max_tokens":null,"messages":[]}""", """{"model":"demo-chat","n":3,"max_tokens":33,"messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","max_output_tokens":50,"Max_Tokens":50}""", """{"max_tokens":100,"model":"demo-chat","max_output_tokens":50,"Max_Tokens":50}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","max_tokens":50,"max_tokens":null}""", """{"model":"demo-chat","max_tokens":50,"max_tokens":100}""")]
    [InlineData("/v1/completions", """{"model":"demo-chat","prompt":"x","max_completion_tokens":50}""", """{"max_tokens":100,"model":"demo-chat","prompt":"x","max_completion_tokens":50}""")]
    [InlineData("/v1/responses", """{"model":"demo-chat","input":"x"}""", """{"max_output_tokens":100,"model":"demo-chat","input":"x"}""")]
    [InlineData("/v1/chat/completions", """{"model":"demo-chat","messages":[],"max_completion_tokens":7}""", """{"model":"demo-chat","messages":[],"max_completion_tokens":7}""")]
    public async Task Who_does_not_say_how_long_an_answer_may_get_gets_what_may_be_asked(string path, string body, string sent)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(With(worker));

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, json: body));

        worker.Seen.ShouldHaveSingleItem().Body.ShouldBe(sent);
    }

    private static Plan With(FakeWorker worker) => Plan.Chat(worker) with { Guardrails = [new GuardrailRoute("default", null, 1, [Short])] };
}
